-- One page of the runs, newest first.

create or replace function workflow_pg.list_runs(
    p_status         workflow_pg.run_status default null,
    p_workflow_name  text default null,
    p_deployment_id  text default null,
    p_only_live      boolean default false,
    p_attributes     jsonb default null,
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
    perform workflow_pg_private.check_attribute_map(p_attributes);

    return query
    select r.run_id, r.status, r.workflow_name, r.deployment_id, r.queue_name, r.spec_version::integer, r.last_seq,
           r.created_at, r.started_at, r.completed_at,
           c.facts -> 'executionContext', c.facts ->> 'encryptionPublicKey',
           o.facts ->> 'errorCode', o.facts ->> 'cancelReason',
           workflow_pg_private.attributes_of(r.run_id),
           c.codec, null::bytea,
           case when r.status = 'completed' then o.codec end, null::bytea,
           case when r.status = 'failed' then o.codec end, null::bytea,
           null::bigint
      from workflow_pg_private.find_runs(
               p_status, p_workflow_name, p_deployment_id, p_only_live, p_attributes,
               p_limit, p_before, p_before_run_id) as r
      left join workflow_pg.events as c on c.run_id = r.run_id and c.seq = 1
      left join workflow_pg.events as o on o.run_id = r.run_id and o.seq = r.outcome_seq
     order by r.created_at desc, r.run_id desc;
end;
$$;

comment on function workflow_pg.list_runs is
$$One page of the runs, newest first, without payloads.

p_status         only runs in this status; null for all
p_workflow_name  only runs of this workflow; null for all
p_deployment_id  only runs of this deployment; null for all
p_only_live      true: only runs that are not over
p_attributes     only runs that have all of these attributes, a JSON object of texts; null for all
p_limit          1 to 1000 rows
p_before         created_at of the last row of the page before; null for the first page
p_before_run_id  run_id of that row
returns          the runs
raises           WF400 p_limit, p_attributes$$;
