-- A run that is over goes, and nothing of it is left.
--
-- The run's row is locked first: an event that is being appended comes before, and one that
-- comes later finds no run. A step that a worker still executes would write to streams of a
-- run that is not there, so its lease is waited for.

create or replace function workflow_pg.delete_run(
    p_run_id  text,
    out events    bigint,
    out steps     bigint,
    out hooks     bigint,
    out waits     bigint,
    out messages  bigint,
    out streams   bigint
)
returns record
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_status  workflow_pg.run_status;
    v_held    workflow_pg_private.messages;
begin
    select r.status
      into v_status
      from workflow_pg.runs as r
     where r.run_id = p_run_id
       for update;

    v_held := workflow_pg_private.held_delivery(p_run_id);
    perform workflow_pg_private.refuse_removal(p_run_id, v_status, v_held, 'deleted');

    delete from workflow_pg_private.messages as m where m.run_id = p_run_id;
    get diagnostics messages = row_count;
    streams := workflow_pg_private.erase_streams(p_run_id);

    select e.events, e.steps, e.hooks, e.waits
      into events, steps, hooks, waits
      from workflow_pg_private.erase_run(p_run_id) as e;
end;
$$;

comment on function workflow_pg.delete_run is
$$Delete a run that is over with everything of it, in one transaction: log, steps, hooks, waits,
attributes, messages, streams, dedup keys, start key. There is no way back.

p_run_id  the run
events, steps, hooks, waits, messages, streams  how many of each were deleted
raises    WF404 no such run, WF409 the run is not over, or a worker still executes a step of it$$;
