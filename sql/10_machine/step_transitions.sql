-- The life of a step, written once.
--
-- The law is stated for classes of statuses and spread over every single cell below
-- it: event x status of the run x status of the step, absent included. Whether a
-- retry may begin yet (retry_after) is a value, not a status: see start_step.
--
-- A step_started that carries the input of its step is another claim than one that does
-- not: it creates the step, and never starts one that is there.

create view workflow_pg.step_transitions
    (event_type, with_input, run_status, step_status, outcome, next_status) as
with law (event_type, run_is, step_is, outcome, next_status) as (
    values (workflow_pg.event_type 'step_created',
                             'absent', 'absent',  'WF404', null::workflow_pg.step_status),
           ('step_created',   'absent', 'pending', 'WF404', null),
           ('step_created',   'absent', 'running', 'WF404', null),
           ('step_created',   'absent', 'final',   'WF404', null),
           ('step_created',   'live',   'absent',  'ok',    'pending'),
           ('step_created',   'live',   'pending', 'WF409', null),
           ('step_created',   'live',   'running', 'WF409', null),
           ('step_created',   'live',   'final',   'WF409', null),
           ('step_created',   'final',  'absent',  'WF409', null),
           ('step_created',   'final',  'pending', 'WF409', null),
           ('step_created',   'final',  'running', 'WF409', null),
           ('step_created',   'final',  'final',   'WF409', null),

           ('step_started',   'absent', 'absent',  'WF404', null),
           ('step_started',   'absent', 'pending', 'WF404', null),
           ('step_started',   'absent', 'running', 'WF404', null),
           ('step_started',   'absent', 'final',   'WF404', null),
           ('step_started',   'live',   'absent',  'WF404', null),
           ('step_started',   'live',   'pending', 'ok',    'running'),
           -- A delivery after a crash: this is how crashes consume attempts.
           ('step_started',   'live',   'running', 'ok',    'running'),
           ('step_started',   'live',   'final',   'WF409', null),
           ('step_started',   'final',  'absent',  'WF410', null),
           ('step_started',   'final',  'pending', 'WF410', null),
           ('step_started',   'final',  'running', 'WF410', null),
           ('step_started',   'final',  'final',   'WF409', null),

           ('step_retrying',  'absent', 'absent',  'WF404', null),
           ('step_retrying',  'absent', 'pending', 'WF404', null),
           ('step_retrying',  'absent', 'running', 'WF404', null),
           ('step_retrying',  'absent', 'final',   'WF404', null),
           ('step_retrying',  'live',   'absent',  'WF404', null),
           ('step_retrying',  'live',   'pending', 'ok',    'pending'),
           ('step_retrying',  'live',   'running', 'ok',    'pending'),
           ('step_retrying',  'live',   'final',   'WF409', null),
           ('step_retrying',  'final',  'absent',  'WF404', null),
           ('step_retrying',  'final',  'pending', 'WF410', null),
           ('step_retrying',  'final',  'running', 'ok',    'pending'),
           ('step_retrying',  'final',  'final',   'WF409', null),

           ('step_completed', 'absent', 'absent',  'WF404', null),
           ('step_completed', 'absent', 'pending', 'WF404', null),
           ('step_completed', 'absent', 'running', 'WF404', null),
           ('step_completed', 'absent', 'final',   'WF404', null),
           ('step_completed', 'live',   'absent',  'WF404', null),
           ('step_completed', 'live',   'pending', 'ok',    'completed'),
           ('step_completed', 'live',   'running', 'ok',    'completed'),
           ('step_completed', 'live',   'final',   'WF409', null),
           ('step_completed', 'final',  'absent',  'WF404', null),
           ('step_completed', 'final',  'pending', 'WF410', null),
           -- A step that was running when its run ended may still finish.
           ('step_completed', 'final',  'running', 'ok',    'completed'),
           ('step_completed', 'final',  'final',   'WF409', null),

           ('step_failed',    'absent', 'absent',  'WF404', null),
           ('step_failed',    'absent', 'pending', 'WF404', null),
           ('step_failed',    'absent', 'running', 'WF404', null),
           ('step_failed',    'absent', 'final',   'WF404', null),
           ('step_failed',    'live',   'absent',  'WF404', null),
           ('step_failed',    'live',   'pending', 'ok',    'failed'),
           ('step_failed',    'live',   'running', 'ok',    'failed'),
           ('step_failed',    'live',   'final',   'WF409', null),
           ('step_failed',    'final',  'absent',  'WF404', null),
           ('step_failed',    'final',  'pending', 'WF410', null),
           ('step_failed',    'final',  'running', 'ok',    'failed'),
           ('step_failed',    'final',  'final',   'WF409', null)
),
law_with_input (event_type, run_is, step_is, outcome, next_status) as (
    values (workflow_pg.event_type 'step_started',
                             'absent', 'absent',  'WF404', null::workflow_pg.step_status),
           ('step_started',   'absent', 'pending', 'WF404', null),
           ('step_started',   'absent', 'running', 'WF404', null),
           ('step_started',   'absent', 'final',   'WF404', null),
           -- step_created and step_started, at once.
           ('step_started',   'live',   'absent',  'ok',    'running'),
           -- Who loses the race for a step must not execute it.
           ('step_started',   'live',   'pending', 'WF409', null),
           ('step_started',   'live',   'running', 'WF409', null),
           ('step_started',   'live',   'final',   'WF409', null),
           ('step_started',   'final',  'absent',  'WF409', null),
           ('step_started',   'final',  'pending', 'WF409', null),
           ('step_started',   'final',  'running', 'WF409', null),
           ('step_started',   'final',  'final',   'WF409', null)
),
laws as (
    select l.*, false as with_input
      from law as l
     union all
    select w.*, true
      from law_with_input as w
),
run_classes (run_is, run_status) as (
    values ('absent', null::workflow_pg.run_status),
           ('live',  'pending'), ('live',  'running'),
           ('final', 'completed'), ('final', 'failed'), ('final', 'cancelled')
),
step_classes (step_is, step_status) as (
    values ('absent', null::workflow_pg.step_status),
           ('pending', 'pending'), ('running', 'running'),
           ('final', 'completed'), ('final', 'failed'), ('final', 'cancelled')
)
select l.event_type, l.with_input, r.run_status, s.step_status, l.outcome, l.next_status
  from laws as l
  join run_classes as r using (run_is)
  join step_classes as s using (step_is);

comment on view workflow_pg.step_transitions is
$$What each event does to a step in each status (null: no such step) of a run in each status.

with_input   true: a step_started that carries the input of its step, and so creates it
outcome      ok: the event is written and the step moves to next_status; else the SQLSTATE of
             the refusal.
next_status  null for a refusal.$$;
