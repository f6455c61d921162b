-- Lock a run and take the next few positions of its log, as number_event takes one.

create or replace function workflow_pg_private.number_events(
    p_run_id  text,
    p_event   workflow_pg.event_type,
    p_count   integer
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
       set last_seq      = r.last_seq + p_count,
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

    v_run.last_seq := v_run.last_seq - p_count + 1;
    return v_run;
end;
$$;

comment on function workflow_pg_private.number_events is
    'The run, locked until commit, with position and time of the first of p_count events, p_event, in last_seq and last_event_at. Raises WF404 when there is no such run, and what version_fault finds.';
