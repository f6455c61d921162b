-- The life of a wait, written once.
--
-- Every cell: event x status of the run x status of the wait, absent included. A wait
-- may be completed before its time: that is how a sleeping run is woken early.

create view workflow_pg.wait_transitions
    (event_type, run_status, wait_status, outcome, next_status) as
with law (event_type, run_is, wait_status, outcome, next_status) as (
    values (workflow_pg.event_type 'wait_created',
                             'absent', null::workflow_pg.wait_status,
                                                    'WF404', null::workflow_pg.wait_status),
           ('wait_created',   'absent', 'waiting',   'WF404', null),
           ('wait_created',   'absent', 'completed', 'WF404', null),
           ('wait_created',   'absent', 'cancelled', 'WF404', null),
           ('wait_created',   'live',   null,        'ok',    'waiting'),
           ('wait_created',   'live',   'waiting',   'WF409', null),
           ('wait_created',   'live',   'completed', 'WF409', null),
           ('wait_created',   'live',   'cancelled', 'WF409', null),
           ('wait_created',   'final',  null,        'WF409', null),
           ('wait_created',   'final',  'waiting',   'WF409', null),
           ('wait_created',   'final',  'completed', 'WF409', null),
           ('wait_created',   'final',  'cancelled', 'WF409', null),

           ('wait_completed', 'absent', null,        'WF404', null),
           ('wait_completed', 'absent', 'waiting',   'WF404', null),
           ('wait_completed', 'absent', 'completed', 'WF404', null),
           ('wait_completed', 'absent', 'cancelled', 'WF404', null),
           ('wait_completed', 'live',   null,        'WF404', null),
           ('wait_completed', 'live',   'waiting',   'ok',    'completed'),
           ('wait_completed', 'live',   'completed', 'WF409', null),
           ('wait_completed', 'live',   'cancelled', 'WF409', null),
           -- 409 and not 404: the SDKs swallow it, reload, and see that the run is over.
           ('wait_completed', 'final',  null,        'WF409', null),
           ('wait_completed', 'final',  'waiting',   'WF409', null),
           ('wait_completed', 'final',  'completed', 'WF409', null),
           ('wait_completed', 'final',  'cancelled', 'WF409', null)
),
run_classes (run_is, run_status) as (
    values ('absent', null::workflow_pg.run_status),
           ('live',  'pending'), ('live',  'running'),
           ('final', 'completed'), ('final', 'failed'), ('final', 'cancelled')
)
select l.event_type, r.run_status, l.wait_status, l.outcome, l.next_status
  from law as l
  join run_classes as r using (run_is);

comment on view workflow_pg.wait_transitions is
$$What each event does to a wait in each status (null: no such wait) of a run in each status.

outcome      ok: the event is written and the wait moves to next_status; else the SQLSTATE of
             the refusal.
next_status  null for a refusal.$$;
