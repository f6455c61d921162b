-- Write what has been decided of a batch: the run, its steps and waits, its messages, the log.

create or replace function workflow_pg_private.write_batch(
    p_run           workflow_pg.runs,
    p_entries       workflow_pg_private.batch_entry[],
    p_payloads      bytea[],
    p_spec_version  integer,
    p_now           timestamptz,
    p_lease_token   uuid,
    p_wake          boolean,
    p_hold          interval
)
returns void
language plpgsql volatile
as $$
declare
    v_run      constant workflow_pg.runs := workflow_pg_private.number_batch(p_run, p_entries);
    v_events            workflow_pg.event_type[];
    v_holder            text;
begin
    if v_run.last_seq is not distinct from p_run.last_seq then
        return;
    end if;

    v_events := array(select distinct e.event_type from unnest(p_entries) as e where e.seq is not null);
    v_holder := workflow_pg_private.holder(p_run.run_id, p_lease_token);

    if v_events && '{step_created, step_started, step_retrying, step_completed, step_failed}' then
        perform workflow_pg_private.move_steps(p_entries, p_spec_version);
        perform workflow_pg_private.dispatch_steps(v_run, p_entries, p_now, v_holder, p_hold);
    end if;

    if v_events && '{wait_created, wait_completed}' then
        perform workflow_pg_private.move_waits(p_entries, p_spec_version);
    end if;

    if v_run.status <> p_run.status then
        perform workflow_pg_private.end_run(v_run);
    end if;

    perform workflow_pg_private.emit_events(
        p_entries, case when v_run.expired_at is null then p_payloads end, p_spec_version);

    if p_wake and v_holder is null and v_events && '{step_completed, step_failed, wait_created, wait_completed}' then
        perform workflow_pg_private.leave_wake(v_run, p_now);
    end if;
end;
$$;

comment on function workflow_pg_private.write_batch is
    'Write the entries that have a position, and all they cause, into a run that is locked.';
