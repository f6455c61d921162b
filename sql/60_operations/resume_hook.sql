-- Resume a hook by its token alone, in one call.

create or replace function workflow_pg.resume_hook(
    p_token      text,
    p_payload    bytea,
    p_codec      workflow_pg.payload_codec default 'json',
    p_dedup_key  text default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hook constant workflow_pg.hook_detail := workflow_pg.get_hook_by_token(p_token);
begin
    return workflow_pg.receive_hook(
        v_hook.run_id, v_hook.hook_id, p_payload, p_codec, p_dedup_key => p_dedup_key);
end;
$$;

comment on function workflow_pg.resume_hook is
$$Give a payload to the live hook that holds a token, record hook_received, and wake its run:
get_hook_by_token and receive_hook in one.

p_token      the token
p_payload    at most 16 MiB
p_codec      opaque, cbor or json; a Python workflow gets json as values
p_dedup_key  a repeat with the same key returns the first reply: one resume is one payload. It needs
             the hook to hold its token still: later, receive_hook finds the reply by run and hook
returns      the event, with the run of the hook
raises       WF400, WF404 nobody holds the token, WF413; 40001 repeat the call$$;
