-- One page of the runs, newest first.

create or replace function workflow_pg.list_runs(
    p_status         workflow_pg.run_status default null,
    p_workflow_name  text default null,
    p_deployment_id  text default null,
    p_only_live      boolean default false,
    p_limit          integer default 100,
    p_before         timestamptz default null,
    p_before_run_id  text default null
)
returns setof workflow_pg.run_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform workflow_pg_private.check_limit(p_limit);

    return query
    select r.run_id, r.status, r.workflow_name, r.deployment_id, r.queue_name, r.spec_version::integer, r.last_seq,
           r.created_at, r.started_at, r.completed_at,
           c.facts -> 'executionContext', c.facts ->> 'encryptionPublicKey',
           o.facts ->> 'errorCode', o.facts ->> 'cancelReason',
           c.codec, null::bytea,
           case when r.status = 'completed' then o.codec end, null::bytea,
           case when r.status = 'failed' then o.codec end, null::bytea,
           null::bigint
      from workflow_pg.runs as r
      left join workflow_pg.events as c on c.run_id = r.run_id and c.seq = 1
      left join workflow_pg.events as o on o.run_id = r.run_id and o.seq = r.outcome_seq
     where (p_status is null or r.status = p_status)
       and (p_workflow_name is null or r.workflow_name = p_workflow_name)
       and (p_deployment_id is null or r.deployment_id = p_deployment_id)
       and (not p_only_live or r.status in ('pending', 'running'))
       and (p_before is null or (r.created_at, r.run_id) < (p_before, coalesce(p_before_run_id, '')))
     order by r.created_at desc, r.run_id desc
     limit p_limit;
end;
$$;

comment on function workflow_pg.list_runs is
$$One page of the runs, newest first, without payloads.

p_status         only runs in this status; null for all
p_workflow_name  only runs of this workflow; null for all
p_deployment_id  only runs of this deployment; null for all
p_only_live      true: only runs that are not over
p_limit          1 to 1000 rows
p_before         created_at of the last row of the page before; null for the first page
p_before_run_id  run_id of that row
returns          the runs
raises           WF400 p_limit$$;
