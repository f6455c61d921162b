-- The live hook that holds a token, as JSON.

create or replace function workflow_pg.json_get_hook_by_token(
    p_token   text,
    p_params  jsonb default null
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all  constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_hook          workflow_pg.hook_detail;
begin
    v_hook := workflow_pg.get_hook_by_token(p_token);
    return workflow_pg_private.wire_hook(v_hook, v_all)
        || jsonb_build_object(
               'resumeContext', workflow_pg_private.wire_resume_context(v_hook.run_id),
               -- A resume with an id is recorded once: receive_hook.
               'resumeCapabilities', jsonb_build_object('hookResumeDedupVersion', 1));
end;
$$;

comment on function workflow_pg.json_get_hook_by_token is
$$The live hook that holds a token, in the JSON of the World protocol: docs/json-door.md has its fields.

p_token   the token
p_params  {resolveData?}: none leaves out metadata; null for none
returns   the hook, with resumeContext, what a resumer needs to know of its run, and
          resumeCapabilities, that a resume with an id is recorded once
raises    WF400, WF404 nobody holds it$$;
