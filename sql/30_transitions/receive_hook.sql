-- live -> live, with a payload
--
-- The run's lock is taken first, as disposal and the end of the run take it: no payload
-- is ever recorded after either.
--
-- A resume has an id when two writers may bring its payload, a caller and a message. The id
-- is a dedup key, looked up under the lock: who comes second waits for the first and gets
-- its event, also when the hook or the run has ended since.

create or replace function workflow_pg.receive_hook(
    p_run_id          text,
    p_hook_id         text,
    p_payload         bytea,
    p_codec           workflow_pg.payload_codec default 'opaque',
    p_spec_version    integer default 7,
    p_dedup_key       text default null,
    p_lease_token     uuid default null,
    p_wake            boolean default true,
    p_resume_id       text default null,
    p_payload_digest  text default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_facts constant jsonb := case when p_resume_id is not null
                                   then jsonb_build_object('resumeId', p_resume_id) end;
    v_key   constant text  := coalesce('resume:' || p_resume_id, p_dedup_key);
    v_call           workflow_pg_private.append_call;
    v_run            workflow_pg.runs;
begin
    if num_nonnulls(p_resume_id, p_payload_digest) > 0 then
        perform workflow_pg_private.check_resume(p_resume_id, p_payload_digest, p_dedup_key);
        perform from workflow_pg.runs as r where r.run_id = p_run_id for no key update;
    end if;

    v_call := workflow_pg_private.begin_append(
        p_run_id, 'hook_received', p_hook_id, v_facts, p_codec, p_payload, p_spec_version, v_key, p_payload_digest);
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
        perform workflow_pg_private.refuse_open_repeat(p_run_id, v_key, v_call.digest);
        perform workflow_pg_private.refuse_hook('hook_received', p_run_id, p_hook_id);
    end if;

    return workflow_pg_private.emit_event(
        v_run, 'hook_received', p_hook_id, v_facts, p_codec, p_payload,
        p_spec_version, v_key, v_call.digest, p_lease_token, p_wake);
end;
$$;

comment on function workflow_pg.receive_hook is
$$Give a payload to a live hook of a live run, record hook_received, and wake the run. A hook can
receive many times.

p_run_id          the run; get_hook_by_token tells it
p_hook_id         the hook
p_payload         at most 16 MiB
p_codec           opaque, cbor or json
p_spec_version    2 to 7
p_dedup_key       a repeat with the same key returns the first reply: one resume is one payload
p_lease_token     of the delivery the caller is handling: while it is held the run is not woken
p_wake            false: the caller wakes the run itself
p_resume_id       in place of p_dedup_key, for a resume whose payload two writers may bring, 1 to 240
                  bytes: the event has it as its fact resumeId, and whoever comes second gets the first
                  reply without an error, also when the hook or the run has ended since
p_payload_digest  stands for the payload where two calls with one resume id are compared, for writers
                  whose bytes may differ, 1 to 255 bytes; null: the payload itself
returns           the event
raises            WF400, WF404 no such run, or no such live hook, WF409 the key or resume id stands for
                  another hook or payload, WF410 the run is final, WF413, WF426; 40001 repeat the call$$;
