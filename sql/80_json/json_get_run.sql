-- One run, as JSON.

create or replace function workflow_pg.json_get_run(
    p_run_id  text,
    p_params  jsonb default null
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_run constant jsonb   := workflow_pg_private.wire_run_of(p_run_id, v_all);
begin
    if v_run is null then
        -- It says that there is no such run, as it does to everybody.
        perform workflow_pg.get_run(p_run_id, false, false);
    elsif v_all and v_run ? 'expiredAt' then
        perform workflow_pg_private.refuse_purged(p_run_id);
    end if;

    return v_run;
end;
$$;

comment on function workflow_pg.json_get_run is
$$One run, in the JSON of the World protocol: docs/json-door.md has its fields.

p_run_id  the run
p_params  {resolveData?}: none leaves out input, output and error; null for none
returns   the run
raises    WF400, WF404 no such run, WF410 its payloads are asked for and were purged$$;
