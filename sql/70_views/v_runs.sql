-- Every run, for dashboards and for people: where it stands, and nothing it was given.

create or replace view workflow_pg.v_runs as
select r.run_id,
       r.status,
       r.workflow_name,
       r.deployment_id,
       r.queue_name,
       r.spec_version,
       r.last_seq as event_count,
       r.created_at,
       r.started_at,
       r.completed_at,
       r.last_event_at,
       (select e.facts ->> 'errorCode'
          from workflow_pg.events as e
         where e.run_id = r.run_id
           and e.seq = r.outcome_seq) as error_code,
       (select e.facts ->> 'cancelReason'
          from workflow_pg.events as e
         where e.run_id = r.run_id
           and e.seq = r.outcome_seq) as cancel_reason,
       r.retried_as
  from workflow_pg.runs as r;

comment on view workflow_pg.v_runs is
    'One row per run, without its input, output and error. Fast by run_id, and in the order created_at desc, run_id desc.';
comment on column workflow_pg.v_runs.run_id is 'The run.';
comment on column workflow_pg.v_runs.status is 'pending, running, completed, failed or cancelled.';
comment on column workflow_pg.v_runs.workflow_name is 'Name of the workflow, as workers announce it.';
comment on column workflow_pg.v_runs.deployment_id is 'The deployment whose workers may execute it.';
comment on column workflow_pg.v_runs.queue_name is 'Logical queue of its messages.';
comment on column workflow_pg.v_runs.spec_version is 'Protocol version of the event that created it.';
comment on column workflow_pg.v_runs.event_count is 'How many events its log has.';
comment on column workflow_pg.v_runs.created_at is 'Time of run_created.';
comment on column workflow_pg.v_runs.started_at is 'Time of run_started; null before.';
comment on column workflow_pg.v_runs.completed_at is 'When it ended, however it did; null while it is live.';
comment on column workflow_pg.v_runs.last_event_at is 'Time of its newest event.';
comment on column workflow_pg.v_runs.error_code is 'Why it failed, in one word, if its SDK said so; the error itself is a payload.';
comment on column workflow_pg.v_runs.cancel_reason is 'Why it was cancelled, if somebody said so.';
comment on column workflow_pg.v_runs.retried_as is 'The newest run that does its work again; null when there is none.';
