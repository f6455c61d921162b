-- Why a run event moved nothing: refused by the machine, or nothing to do.

create or replace function workflow_pg_private.refuse_run(
    p_event   workflow_pg.event_type,
    p_run_id  text
)
returns workflow_pg.run_status
language plpgsql volatile
as $$
declare
    v_status   workflow_pg.run_status;
    v_version  smallint;
    v_fault    workflow_pg_private.fault;
begin
    select r.status, r.spec_version
      into v_status, v_version
      from workflow_pg.runs as r
     where r.run_id = p_run_id
       for no key update;

    v_fault := workflow_pg_private.version_fault(p_event, p_run_id, v_version, v_status);
    if v_fault.sqlstate is null and (v_version > 1 or v_version is null) then
        v_fault := workflow_pg_private.run_fault(p_event, p_run_id, v_status);
    end if;
    if v_fault.sqlstate is not null then
        perform workflow_pg_private.refuse_fault(v_fault);
    end if;

    return v_status;
end;
$$;

comment on function workflow_pg_private.refuse_run is
    'Raises what version_fault or run_fault finds; returns the status when the event is a no-op.';
