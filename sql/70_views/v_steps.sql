-- Every step, without what it took and returned.

create or replace view workflow_pg.v_steps as
select s.run_id,
       s.step_id,
       s.step_name,
       s.status,
       s.attempt,
       s.spec_version,
       s.created_at,
       s.updated_at,
       s.started_at,
       s.completed_at,
       s.retry_after
  from workflow_pg.steps as s;

comment on view workflow_pg.v_steps is
    'One row per step, without its input, output and error. Fast by run_id.';
comment on column workflow_pg.v_steps.run_id is 'The run.';
comment on column workflow_pg.v_steps.step_id is 'Correlation id of the step, unique in its run only.';
comment on column workflow_pg.v_steps.step_name is 'Name of the step, as workers announce it.';
comment on column workflow_pg.v_steps.status is 'pending, running, completed, failed or cancelled.';
comment on column workflow_pg.v_steps.attempt is 'How many attempts have begun.';
comment on column workflow_pg.v_steps.spec_version is 'Protocol version of the event that created it.';
comment on column workflow_pg.v_steps.created_at is 'Time of step_created.';
comment on column workflow_pg.v_steps.updated_at is 'Time of its newest event.';
comment on column workflow_pg.v_steps.started_at is 'Time of its first step_started; null before.';
comment on column workflow_pg.v_steps.completed_at is 'When it ended, however it did; null while it is live.';
comment on column workflow_pg.v_steps.retry_after is 'No attempt may begin before; null when one may begin now.';
