-- live -> live, with a payload
--
-- The run's lock is taken first, as disposal and the end of the run take it: no payload
-- is ever recorded after either.

create or replace function workflow_pg.receive_hook(
    p_run_id        text,
    p_hook_id       text,
    p_payload       bytea,
    p_codec         workflow_pg.payload_codec default 'opaque',
    p_spec_version  integer default 7,
    p_dedup_key     text default null,
    p_lease_token   uuid default null,
    p_wake          boolean default true
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_call  workflow_pg_private.append_call;
    v_run   workflow_pg.runs;
begin
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'hook_received', p_hook_id, null, p_codec, p_payload, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    v_run := workflow_pg_private.number_event(p_run_id, 'hook_received');

    perform
       from workflow_pg.hooks as h
      where h.run_id = p_run_id
        and h.hook_id = p_hook_id
        and h.status = 'live'
        and v_run.status in ('pending', 'running');

    -- A legacy run is only told: number_event has let it through.
    if not found and v_run.spec_version > 1 then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_hook('hook_received', p_run_id, p_hook_id);
    end if;

    return workflow_pg_private.emit_event(
        v_run, 'hook_received', p_hook_id, null, p_codec, p_payload,
        p_spec_version, p_dedup_key, v_call.digest, p_lease_token, p_wake);
end;
$$;

comment on function workflow_pg.receive_hook is
$$Give a payload to a live hook of a live run, record hook_received, and wake the run. A hook can
receive many times.

p_run_id        the run; get_hook_by_token tells it
p_hook_id       the hook
p_payload       at most 16 MiB
p_codec         opaque, cbor or json
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply: one resume is one payload
p_lease_token   of the delivery the caller is handling: while it is held the run is not woken
p_wake          false: the caller wakes the run itself
returns         the event
raises          WF400, WF404 no such run, or no such live hook, WF410 the run is final, WF413, WF426;
                40001 repeat the call$$;
