-- What a legacy run still takes, written once.
--
-- A run of spec version 1 is older than this log: it was imported, its steps and hooks
-- were moved by other rules, and no runtime of today replays it. It can be cancelled,
-- which writes no event; what had been promised to it, a payload or the end of a sleep,
-- is recorded and moves nothing. Everything else is refused by its version.

create view workflow_pg.legacy_transitions (event_type, run_status, outcome, next_status) as
with law (event_type, run_is, outcome, next_is) as (
    -- No run is created with this version any more.
    values (workflow_pg.event_type 'run_created',
                               'absent',    'WF426', null::text),
           ('run_created',     'live',      'WF409', null),
           ('run_created',     'over',      'WF409', null),
           ('run_created',     'cancelled', 'WF409', null),

           -- No event is written.
           ('run_cancelled',   'absent',    'WF404', null),
           ('run_cancelled',   'live',      'ok',    'cancelled'),
           ('run_cancelled',   'over',      'WF409', null),
           ('run_cancelled',   'cancelled', 'no_op', 'cancelled'),

           -- The event is written and nothing moves.
           ('hook_received',   'absent',    'WF404', null),
           ('hook_received',   'live',      'ok',    'same'),
           ('hook_received',   'over',      'WF410', null),
           ('hook_received',   'cancelled', 'WF410', null),

           ('wait_completed',  'absent',    'WF404', null),
           ('wait_completed',  'live',      'ok',    'same'),
           ('wait_completed',  'over',      'ok',    'same'),
           ('wait_completed',  'cancelled', 'ok',    'same')
     union all
    select e.event_type, c.run_is, c.outcome, null
      from (values (workflow_pg.event_type 'run_started'), ('run_completed'), ('run_failed'), ('attr_set'),
                   ('step_created'), ('step_started'), ('step_retrying'), ('step_completed'), ('step_failed'),
                   ('hook_created'), ('hook_disposed'), ('wait_created')) as e (event_type)
     cross join (values ('absent', 'WF404'), ('live', 'WF426'), ('over', 'WF426'),
                        ('cancelled', 'WF426')) as c (run_is, outcome)
),
run_classes (run_is, run_status) as (
    values ('absent', null::workflow_pg.run_status),
           ('live', 'pending'), ('live', 'running'),
           ('over', 'completed'), ('over', 'failed'), ('cancelled', 'cancelled')
)
select l.event_type, r.run_status, l.outcome,
       case l.next_is when 'same' then r.run_status else l.next_is::workflow_pg.run_status end
  from law as l
  join run_classes as r using (run_is);

comment on view workflow_pg.legacy_transitions is
$$What each event does to a run of spec version 1, which was imported, in each status (null: no
such run).

outcome      ok: the run is in next_status; hook_received and wait_completed write their event and
             move nothing, run_cancelled moves the run and writes none; no_op: nothing is written
             and the run is returned; else the SQLSTATE of the refusal.
next_status  null for a refusal.$$;
