-- The runs of one page of a list, newest first.
--
-- With attributes there are two ways. A pair that few runs have names them all, through
-- its index, and the page is picked out of those. Pairs that many runs have are met soon
-- on the way from the newest run down. Which way it is, the database sees by counting a
-- little, and not by what it remembers of how values are spread.

create or replace function workflow_pg_private.find_runs(
    p_status         workflow_pg.run_status,
    p_workflow_name  text,
    p_deployment_id  text,
    p_only_live      boolean,
    p_attributes     jsonb,
    p_limit          integer,
    p_before         timestamptz,
    p_before_run_id  text
)
returns setof workflow_pg.runs
language plpgsql stable
as $$
declare
    c_few constant integer := 1000;
    v_candidates   text[];
begin
    select n.run_ids
      into v_candidates
      from jsonb_each_text(p_attributes) as w
     cross join lateral (
           select array(select a.run_id
                          from workflow_pg.run_attributes as a
                         where a.key = w.key
                           and a.value = w.value
                         -- The order of the index, which this keeps the planner to.
                         order by a.run_id
                         limit c_few)) as n (run_ids)
     order by cardinality(n.run_ids)
     limit 1;

    if cardinality(v_candidates) < c_few then
        return query
        select r.*
          from workflow_pg.runs as r
         where r.run_id = any (v_candidates)
           and (p_status is null or r.status = p_status)
           and (p_workflow_name is null or r.workflow_name = p_workflow_name)
           and (p_deployment_id is null or r.deployment_id = p_deployment_id)
           and (not p_only_live or r.status in ('pending', 'running'))
           and (p_before is null or (r.created_at, r.run_id) < (p_before, coalesce(p_before_run_id, '')))
           and workflow_pg_private.has_attributes(r.run_id, p_attributes)
         order by r.created_at desc, r.run_id desc
         limit p_limit;
        return;
    end if;

    return query
    select r.*
      from workflow_pg.runs as r
     where (p_status is null or r.status = p_status)
       and (p_workflow_name is null or r.workflow_name = p_workflow_name)
       and (p_deployment_id is null or r.deployment_id = p_deployment_id)
       and (not p_only_live or r.status in ('pending', 'running'))
       and (p_before is null or (r.created_at, r.run_id) < (p_before, coalesce(p_before_run_id, '')))
       and (p_attributes is null or workflow_pg_private.has_attributes(r.run_id, p_attributes))
     order by r.created_at desc, r.run_id desc
     limit p_limit;
end;
$$;

comment on function workflow_pg_private.find_runs is
    'One page of the runs that list_runs asks for, in its order.';
