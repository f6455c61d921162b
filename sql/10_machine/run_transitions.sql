-- The life of a run, written once.
--
-- One row for every event of a run in every state of it, absent included. Functions
-- ask it when they refuse, tests walk every cell, the diagrams are drawn from it. It
-- is a view over constants, so no UPDATE can change the law and a change is reviewed
-- as a diff of this file. The casts of the first row type the columns: a misspelt
-- status does not install.

create view workflow_pg.run_transitions (event_type, run_status, outcome, next_status) as
values (workflow_pg.event_type 'run_created',
                        null::workflow_pg.run_status,
                                      'ok',     workflow_pg.run_status 'pending'),
       ('run_created',   'pending',   'WF409',  null),
       ('run_created',   'running',   'WF409',  null),
       ('run_created',   'completed', 'WF409',  null),
       ('run_created',   'failed',    'WF409',  null),
       ('run_created',   'cancelled', 'WF409',  null),

       -- A run_started that carries the run's input creates an absent run first:
       -- run_created, then run_started, in one transaction (start_run).
       ('run_started',   null,        'WF404',  null),
       ('run_started',   'pending',   'ok',     'running'),
       ('run_started',   'running',   'no_op',  'running'),
       ('run_started',   'completed', 'WF410',  null),
       ('run_started',   'failed',    'WF410',  null),
       ('run_started',   'cancelled', 'WF410',  null),

       ('run_completed', null,        'WF404',  null),
       ('run_completed', 'pending',   'ok',     'completed'),
       ('run_completed', 'running',   'ok',     'completed'),
       ('run_completed', 'completed', 'WF409',  null),
       ('run_completed', 'failed',    'WF409',  null),
       ('run_completed', 'cancelled', 'WF409',  null),

       ('run_failed',    null,        'WF404',  null),
       ('run_failed',    'pending',   'ok',     'failed'),
       ('run_failed',    'running',   'ok',     'failed'),
       ('run_failed',    'completed', 'WF409',  null),
       ('run_failed',    'failed',    'WF409',  null),
       ('run_failed',    'cancelled', 'WF409',  null),

       ('run_cancelled', null,        'WF404',  null),
       ('run_cancelled', 'pending',   'ok',     'cancelled'),
       ('run_cancelled', 'running',   'ok',     'cancelled'),
       ('run_cancelled', 'completed', 'WF409',  null),
       ('run_cancelled', 'failed',    'WF409',  null),
       ('run_cancelled', 'cancelled', 'no_op',  'cancelled'),

       ('attr_set',      null,        'WF404',  null),
       ('attr_set',      'pending',   'ok',     'pending'),
       ('attr_set',      'running',   'ok',     'running'),
       ('attr_set',      'completed', 'WF409',  null),
       ('attr_set',      'failed',    'WF409',  null),
       ('attr_set',      'cancelled', 'WF409',  null);

comment on view workflow_pg.run_transitions is
$$What each event does to a run in each status (null: no such run).

outcome      ok: the event is written and the run moves to next_status; no_op: nothing is
             written and the run is returned; else the SQLSTATE of the refusal.
next_status  null for a refusal.$$;
