-- The life of a hook, written once.
--
-- Every cell: event x status of the run x status of the hook, absent included.
-- Whether a token is free is a value, not a status: where hook_created is ok and
-- another hook holds the token, hook_conflict is written instead (create_hook).

create view workflow_pg.hook_transitions
    (event_type, run_status, hook_status, outcome, next_status) as
with law (event_type, run_is, hook_status, outcome, next_status) as (
    values (workflow_pg.event_type 'hook_created',
                            'absent', null::workflow_pg.hook_status,
                                                  'WF404', null::workflow_pg.hook_status),
           ('hook_created',  'absent', 'live',     'WF404', null),
           ('hook_created',  'absent', 'disposed', 'WF404', null),
           ('hook_created',  'absent', 'conflict', 'WF404', null),
           ('hook_created',  'live',   null,       'ok',    'live'),
           ('hook_created',  'live',   'live',     'WF409', null),
           ('hook_created',  'live',   'disposed', 'WF409', null),
           ('hook_created',  'live',   'conflict', 'WF409', null),
           ('hook_created',  'final',  null,       'WF409', null),
           ('hook_created',  'final',  'live',     'WF409', null),
           ('hook_created',  'final',  'disposed', 'WF409', null),
           ('hook_created',  'final',  'conflict', 'WF409', null),

           ('hook_received', 'absent', null,       'WF404', null),
           ('hook_received', 'absent', 'live',     'WF404', null),
           ('hook_received', 'absent', 'disposed', 'WF404', null),
           ('hook_received', 'absent', 'conflict', 'WF404', null),
           ('hook_received', 'live',   null,       'WF404', null),
           ('hook_received', 'live',   'live',     'ok',    'live'),
           ('hook_received', 'live',   'disposed', 'WF404', null),
           ('hook_received', 'live',   'conflict', 'WF404', null),
           ('hook_received', 'final',  null,       'WF404', null),
           ('hook_received', 'final',  'live',     'WF410', null),
           ('hook_received', 'final',  'disposed', 'WF404', null),
           ('hook_received', 'final',  'conflict', 'WF404', null),

           ('hook_disposed', 'absent', null,       'WF404', null),
           ('hook_disposed', 'absent', 'live',     'WF404', null),
           ('hook_disposed', 'absent', 'disposed', 'WF404', null),
           ('hook_disposed', 'absent', 'conflict', 'WF404', null),
           ('hook_disposed', 'live',   null,       'WF404', null),
           ('hook_disposed', 'live',   'live',     'ok',    'disposed'),
           ('hook_disposed', 'live',   'disposed', 'WF409', null),
           ('hook_disposed', 'live',   'conflict', 'WF404', null),
           ('hook_disposed', 'final',  null,       'WF404', null),
           -- A hook that outlives its run can always be let go of.
           ('hook_disposed', 'final',  'live',     'ok',    'disposed'),
           ('hook_disposed', 'final',  'disposed', 'WF409', null),
           ('hook_disposed', 'final',  'conflict', 'WF404', null)
),
run_classes (run_is, run_status) as (
    values ('absent', null::workflow_pg.run_status),
           ('live',  'pending'), ('live',  'running'),
           ('final', 'completed'), ('final', 'failed'), ('final', 'cancelled')
)
select l.event_type, r.run_status, l.hook_status, l.outcome, l.next_status
  from law as l
  join run_classes as r using (run_is);

comment on view workflow_pg.hook_transitions is
$$What each event does to a hook in each status (null: no such hook) of a run in each status.

outcome      ok: the event is written and the hook moves to next_status; else the SQLSTATE of
             the refusal.
next_status  null for a refusal.$$;
