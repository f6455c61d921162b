-- The runs of one page of a list.
--
-- Planned anew for each call: then a filter that is null is none for the planner, the
-- order is that of one direction, and there is an index for what is left.

create or replace function workflow_pg_private.find_runs(
    p_candidates     text[],
    p_statuses       workflow_pg.run_status[],
    p_workflow_name  text,
    p_deployment_id  text,
    p_only_live      boolean,
    p_attributes     jsonb,
    p_since          timestamptz,
    p_before         timestamptz,
    p_before_run_id  text,
    p_ascending      boolean,
    p_after          timestamptz,
    p_after_run_id   text,
    p_limit          integer
)
returns setof workflow_pg.runs
language plpgsql stable
set plan_cache_mode = force_custom_plan
as $$
begin
    return query
    select r.*
      from workflow_pg.runs as r
     where (p_candidates is null or r.run_id = any (p_candidates))
       and (p_statuses is null or r.status = any (p_statuses))
       and (p_workflow_name is null or r.workflow_name = p_workflow_name)
       and (p_deployment_id is null or r.deployment_id = p_deployment_id)
       and (not p_only_live or r.status in ('pending', 'running'))
       and (p_since is null or r.created_at >= p_since)
       and (p_before is null or (r.created_at, r.run_id) < (p_before, coalesce(p_before_run_id, '')))
       and (p_after is null or not p_ascending or (r.created_at, r.run_id) > (p_after, p_after_run_id))
       and (p_after is null or p_ascending or (r.created_at, r.run_id) < (p_after, p_after_run_id))
       and (p_attributes is null or workflow_pg_private.has_attributes(r.run_id, p_attributes))
     order by case when p_ascending then r.created_at end,
              case when p_ascending then r.run_id end,
              case when not p_ascending then r.created_at end desc,
              case when not p_ascending then r.run_id end desc
     limit p_limit;
end;
$$;

comment on function workflow_pg_private.find_runs is
    'One page of the runs that list_runs asks for, in its order, out of p_candidates if they are known; p_after and p_after_run_id are those of the last run of the page before.';
