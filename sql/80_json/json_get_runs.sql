-- Several runs of one moment, as JSON.

create or replace function workflow_pg.json_get_runs(
    p_run_ids  text[],
    p_params   jsonb default null
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all constant boolean := workflow_pg_private.wire_resolve(p_params);
begin
    return (
        select coalesce(jsonb_agg(coalesce(workflow_pg_private.wire_run_of(u.run_id, v_all), 'null') order by u.place), '[]')
          from unnest(p_run_ids) with ordinality as u (run_id, place));
end;
$$;

comment on function workflow_pg.json_get_runs is
$$Several runs, all of the same moment, in the JSON of the World protocol.

p_run_ids  the runs; one may be there more than once
p_params   {resolveData?}: none leaves out input, output and error; null for none
returns    an array in their order, with null for a run that does not exist
raises     WF400$$;
