-- absent -> pending: many runs with their attributes and wakes; their events follow.
--
-- In the order of their ids, so that two calls with the same runs wait for each other and
-- never in a circle. The runs that were there are found in a hash, not by a join.

create or replace function workflow_pg_private.insert_runs(
    p_entries            workflow_pg_private.batch_entry[],
    p_deployment_id      text,
    p_execution_context  jsonb,
    p_spec_version       integer
)
returns workflow_pg_private.batch_entry[]
language plpgsql volatile
as $$
declare
    v_now       constant timestamptz := workflow_pg_private.clock();
    v_namespace constant text        := p_execution_context ->> 'queueNamespace';
    v_runs               workflow_pg.runs[];
    v_entries            workflow_pg_private.batch_entry[];
begin
    with created as (
        insert into workflow_pg.runs as r
               (run_id, status, spec_version, last_seq, last_event_at, created_at,
                workflow_name, deployment_id, queue_name)
        select e.run_id, 'pending', p_spec_version, 1, v_now, v_now, e.facts ->> 'workflowName', p_deployment_id,
               workflow_pg_private.queue_name(v_namespace, e.facts ->> 'workflowName')
          from unnest(p_entries) as e
         order by e.run_id
            on conflict (run_id) do nothing
     returning r.*
    )
    select array_agg((c.*)::workflow_pg.runs order by c.run_id)
      into v_runs
      from created as c;

    with found as materialized (
        select e.*, s.status, s.spec_version, (e.run_id in (select r.run_id from unnest(v_runs) as r)) is true as is_new
          from unnest(p_entries) as e
          left join lateral (
               select r.status, r.spec_version from workflow_pg.runs as r where r.run_id = e.run_id limit 1) as s on true
    )
    select array_agg((f.run_id, f.place, f.event_type, null, f.facts, f.codec, null, null, null, null,
                      case when f.is_new then null
                           when f.spec_version > 7 then workflow_pg_private.version_fault(
                               'run_created', f.run_id, f.spec_version, f.status)
                           else workflow_pg_private.run_fault('run_created', f.run_id, f.status) end,
                      f.status, 'pending', null,
                      case when f.is_new then 1 end, case when f.is_new then v_now end)::workflow_pg_private.batch_entry
                     order by f.place)
      into v_entries
      from found as f;

    perform workflow_pg_private.merge_attributes(
                e.run_id, workflow_pg_private.attribute_changes(e.facts -> 'attributes'))
       from unnest(v_entries) as e
      where e.seq is not null
        and e.facts ? 'attributes';

    perform workflow_pg_private.leave_wakes(v_runs, v_now);
    return v_entries;
end;
$$;

comment on function workflow_pg_private.insert_runs is
    'Create the runs of the entries; those that are there have the fault of run_created.';
