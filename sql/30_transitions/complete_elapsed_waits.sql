-- waiting -> completed, all sleeps of a run that are over

create or replace function workflow_pg.complete_elapsed_waits(
    p_run_id        text,
    p_spec_version  integer default 7,
    p_lease_token   uuid default null,
    p_wake          boolean default true
)
returns setof workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run      workflow_pg.runs;
    v_now      timestamptz;
    v_entries  workflow_pg_private.batch_entry[];
begin
    perform workflow_pg_private.check_spec_version(p_spec_version);

    select r.*
      into v_run
      from workflow_pg.runs as r
     where r.run_id = p_run_id
       for no key update;

    if not found then
        perform workflow_pg_private.refuse_transition('WF404', 'wait_completed', p_run_id, null, 'run', p_run_id, null);
    elsif v_run.spec_version > 7 then
        perform workflow_pg_private.refuse_fault(workflow_pg_private.version_fault(
            'wait_completed', p_run_id, v_run.spec_version, v_run.status));
    end if;

    v_now := workflow_pg_private.clock();
    with elapsed as (
        update workflow_pg.waits as w
           set status       = 'completed',
               completed_at = greatest(v_run.last_event_at, v_now)
         where w.run_id = p_run_id
           and w.status = 'waiting'
           and w.resume_at <= v_now
           and v_run.status in ('pending', 'running')
     returning w.*
    )
    select array_agg((e.run_id, e.nth, 'wait_completed', e.wait_id, null, 'opaque', null, null, null, null, null,
                      v_run.status, 'completed', null, v_run.last_seq + e.nth, e.completed_at)::workflow_pg_private.batch_entry
                     order by e.nth)
      into v_entries
      from (select w.*, row_number() over (order by w.resume_at, w.wait_id) as nth from elapsed as w) as e;

    perform workflow_pg_private.number_batch(v_run, v_entries);
    perform workflow_pg_private.emit_events(v_entries, null, p_spec_version);
    if v_entries is not null and p_wake and workflow_pg_private.holder(p_run_id, p_lease_token) is null then
        perform workflow_pg_private.leave_wake(v_run, v_now);
    end if;

    return query
    select e.run_id, e.seq, e.event_type, e.correlation_id, e.created_at, e.run_status, null::integer, null::text
      from unnest(v_entries) as e;
end;
$$;

comment on function workflow_pg.complete_elapsed_waits is
$$End all sleeps of a run whose time has come, each recorded as wait_completed, the one due first first.

p_run_id        the run
p_spec_version  2 to 7
p_lease_token   of the delivery the caller is handling: while it is held the run is not woken
p_wake          false: the caller wakes the run itself
returns         the events; none when no sleep is over, or the run is
raises          WF404 no such run, WF426$$;
