-- Every sleep of a run.

create or replace view workflow_pg.v_waits as
select w.run_id,
       w.wait_id,
       w.status,
       w.resume_at,
       w.is_woken,
       w.spec_version,
       w.created_at,
       w.completed_at
  from workflow_pg.waits as w;

comment on view workflow_pg.v_waits is
    'One row per sleep of a run. Fast by run_id.';
comment on column workflow_pg.v_waits.run_id is 'The run.';
comment on column workflow_pg.v_waits.wait_id is 'Correlation id of the wait, unique in its run only.';
comment on column workflow_pg.v_waits.status is 'waiting, completed, or cancelled: its run ended first.';
comment on column workflow_pg.v_waits.resume_at is 'When the sleep is over.';
comment on column workflow_pg.v_waits.is_woken is 'Whether its run has been given a message for it since resume_at passed.';
comment on column workflow_pg.v_waits.spec_version is 'Protocol version of the event that created it.';
comment on column workflow_pg.v_waits.created_at is 'Time of wait_created.';
comment on column workflow_pg.v_waits.completed_at is 'Time of wait_completed, which may come early; null before.';
