-- Lock a run and take the next position of its log, in one statement.
--
-- The row lock orders all writers of the run, so positions are dense and in commit
-- order; a refusal raises, which gives the position back. The clock is read before the
-- lock and made monotone under it: no event is older than the one before it.
--
-- An absent run is refused here and at once. Were it left to the guard and the slow
-- path, a run_created that commits between the two would make them disagree.

create or replace function workflow_pg_private.number_event(
    p_run_id  text,
    p_event   workflow_pg.event_type
)
returns workflow_pg.runs
language plpgsql volatile
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
    v_run          workflow_pg.runs;
    v_fault        workflow_pg_private.fault;
begin
    update workflow_pg.runs as r
       set last_seq      = r.last_seq + 1,
           last_event_at = greatest(r.last_event_at, v_now)
     where r.run_id = p_run_id
 returning r.*
      into v_run;

    if not found then
        perform workflow_pg_private.refuse_transition(
            'WF404', p_event, p_run_id, null, 'run', p_run_id, null);
    elsif v_run.spec_version not between 2 and 7 then
        v_fault := workflow_pg_private.version_fault(p_event, p_run_id, v_run.spec_version, v_run.status);
        if v_fault.sqlstate is not null then
            perform workflow_pg_private.refuse_fault(v_fault);
        end if;
    end if;

    return v_run;
end;
$$;

comment on function workflow_pg_private.number_event is
    'The run, locked until commit, with position and time of its next event in last_seq and last_event_at. Raises WF404 when there is no such run, and what version_fault finds.';
