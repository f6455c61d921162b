-- One step, as JSON.

create or replace function workflow_pg.json_get_step(
    p_run_id   text,
    p_step_id  text,
    p_params   jsonb default null
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all  constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_step constant jsonb   := workflow_pg_private.wire_step_of(p_run_id, p_step_id, v_all);
begin
    if v_step is null then
        perform workflow_pg.get_step(p_run_id, p_step_id, false, false);
    elsif v_all then
        perform workflow_pg_private.refuse_purged(p_run_id);
    end if;

    return v_step;
end;
$$;

comment on function workflow_pg.json_get_step is
$$One step, in the JSON of the World protocol: docs/json-door.md has its fields.

p_run_id   the run
p_step_id  the step
p_params   {resolveData?}: none leaves out input, output and error; null for none
returns    the step
raises     WF400, WF404 no such step, WF410 its payloads are asked for and were purged$$;
