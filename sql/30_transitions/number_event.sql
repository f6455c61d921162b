-- Lock a run and take the next position of its log, in one statement.
--
-- The row lock orders all writers of the run, so positions are dense and in commit
-- order; a refusal raises, which gives the position back. The clock is read before the
-- lock and made monotone under it: no event is older than the one before it.

create or replace function workflow_pg_private.number_event(p_run_id text)
returns workflow_pg.runs
language plpgsql volatile
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
    v_run          workflow_pg.runs;
begin
    update workflow_pg.runs as r
       set last_seq      = r.last_seq + 1,
           last_event_at = greatest(r.last_event_at, v_now)
     where r.run_id = p_run_id
 returning r.*
      into v_run;

    return v_run;
end;
$$;

comment on function workflow_pg_private.number_event is
    'The run, locked until commit, with position and time of its next event in last_seq and last_event_at; null when there is no such run.';
