-- One live hook, by its id, as JSON.

create or replace function workflow_pg.json_get_hook(
    p_run_id   text,
    p_hook_id  text,
    p_params   jsonb default null
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return workflow_pg_private.wire_hook(
        workflow_pg.get_hook(p_run_id, p_hook_id), workflow_pg_private.wire_resolve(p_params));
end;
$$;

comment on function workflow_pg.json_get_hook is
$$One live hook, in the JSON of the World protocol: docs/json-door.md has its fields.

p_run_id   the run
p_hook_id  the hook
p_params   {resolveData?}: none leaves out metadata; null for none
returns    the hook
raises     WF400, WF404 no such hook, or it is not live$$;
