-- One page of the runs, newest first.

create or replace function workflow_pg.list_runs(
    p_status         workflow_pg.run_status default null,
    p_workflow_name  text default null,
    p_deployment_id  text default null,
    p_only_live      boolean default false,
    p_attributes     jsonb default null,
    p_limit          integer default 100,
    p_before         timestamptz default null,
    p_before_run_id  text default null,
    p_statuses       workflow_pg.run_status[] default null,
    p_since          timestamptz default null,
    p_ascending      boolean default false,
    p_with_payloads  boolean default false,
    p_cursor         text default null
)
returns setof workflow_pg.run_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place constant text[] := workflow_pg_private.read_cursor('runs', p_cursor);
begin
    perform workflow_pg_private.check_limit(p_limit);
    perform workflow_pg_private.check_attribute_map(p_attributes);

    return query
    select r.run_id, r.status, r.workflow_name, r.deployment_id, r.queue_name, r.spec_version::integer, r.last_seq,
           r.created_at, r.started_at, r.completed_at, r.expired_at,
           c.facts -> 'executionContext', c.facts ->> 'encryptionPublicKey',
           o.facts ->> 'errorCode', o.facts ->> 'cancelReason',
           workflow_pg_private.attributes_of(r.run_id),
           c.codec, c.payload,
           case when r.status = 'completed' then o.codec end, case when r.status = 'completed' then o.payload end,
           case when r.status = 'failed' then o.codec end, case when r.status = 'failed' then o.payload end,
           null::bigint,
           format('runs:%s:%s', (extract(epoch from r.created_at) * 1000000)::bigint, r.run_id)
      from workflow_pg_private.find_runs(
               workflow_pg_private.few_with_attributes(p_attributes),
               coalesce(p_statuses, case when p_status is not null then array[p_status] end),
               p_workflow_name, p_deployment_id, p_only_live, p_attributes, p_since, p_before, p_before_run_id, p_ascending,
               timestamptz 'epoch' + v_place[1]::bigint * interval '1 microsecond', v_place[2],
               p_limit) with ordinality as r
      left join lateral (
               select e.facts, e.codec, case when p_with_payloads then e.payload end as payload
                 from workflow_pg.events as e
                where e.run_id = r.run_id and e.seq = 1 limit 1) as c on true
      left join lateral (
               select e.facts, e.codec, case when p_with_payloads then e.payload end as payload
                 from workflow_pg.events as e
                where e.run_id = r.run_id and e.seq = r.outcome_seq limit 1) as o on true
     order by r.ordinality;
end;
$$;

comment on function workflow_pg.list_runs is
$$One page of the runs, newest first.

p_status         only runs in this status; null for all
p_workflow_name  only runs of this workflow; null for all
p_deployment_id  only runs of this deployment; null for all
p_only_live      true: only runs that are not over
p_attributes     only runs that have all of these attributes, a JSON object of texts; null for all
p_limit          1 to 1000 rows
p_before         only runs created before; null for all
p_before_run_id  with p_before: also runs created at that moment that have a smaller id
p_statuses       in place of p_status: only runs in one of these, none when it is empty
p_since          only runs created then or later; null for all
p_ascending      oldest first
p_with_payloads  whether to read inputs, outputs and errors
p_cursor         cursor of the last row of the page before; null for the first page
returns          the runs, each with its cursor
raises           WF400 p_limit, p_attributes, p_cursor$$;
