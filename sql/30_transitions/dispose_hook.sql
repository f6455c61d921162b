-- live -> disposed; the token is free at once

create or replace function workflow_pg.dispose_hook(
    p_run_id        text,
    p_hook_id       text,
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
    v_call   workflow_pg_private.append_call;
    v_run    workflow_pg.runs;
    v_token  text;
begin
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'hook_disposed', p_hook_id, null, 'opaque', null, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    v_run := workflow_pg_private.number_event(p_run_id, 'hook_disposed');

    update workflow_pg.hooks as h
       set status      = 'disposed',
           disposed_at = v_run.last_event_at
     where h.run_id = p_run_id
       and h.hook_id = p_hook_id
       and h.status = 'live'
 returning h.token
      into v_token;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_hook('hook_disposed', p_run_id, p_hook_id);
    end if;

    delete from workflow_pg_private.hook_tokens as t
     where t.token = v_token
       and t.run_id = p_run_id
       and t.hook_id = p_hook_id;

    return workflow_pg_private.emit_event(
        v_run, 'hook_disposed', p_hook_id, null, 'opaque', null,
        p_spec_version, p_dedup_key, v_call.digest, p_lease_token, p_wake);
end;
$$;

comment on function workflow_pg.dispose_hook is
$$Dispose a live hook, free its token, and record hook_disposed.

p_run_id        the run
p_hook_id       the hook
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply
p_lease_token   of the delivery the caller is handling: while it is held the run is not woken
p_wake          false: the caller wakes the run itself
returns         the event
raises          WF400, WF404 no such run or hook, or it never held its token, WF409 disposed before,
                WF426; 40001 repeat the call$$;
