-- pending, running -> cancelled, many runs in one call
--
-- All are locked before one of them is touched, in the order of their ids: two such calls,
-- or a call and the end of one of the runs, wait for each other and never in a circle. A run
-- that is created while others are waited for is not locked, and not there for this call.

create or replace function workflow_pg.cancel_runs(
    p_run_ids       text[],
    p_reason        text default null,
    p_spec_version  integer default 7
)
returns setof workflow_pg.cancel_outcome
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now      timestamptz;
    v_before   workflow_pg.runs[];
    v_after    workflow_pg.runs[];
    v_entries  workflow_pg_private.batch_entry[];
begin
    perform workflow_pg_private.check_run_ids(p_run_ids, 500);
    perform workflow_pg_private.check_cancel_reason(p_reason);
    perform workflow_pg_private.check_spec_version(p_spec_version);

    v_before := array(
        select r
          from workflow_pg.runs as r
         where r.run_id = any (p_run_ids)
         order by r.run_id
           for no key update);
    v_now := workflow_pg_private.clock();

    with moved as (
        update workflow_pg.runs as r
           set status        = 'cancelled',
               completed_at  = greatest(r.last_event_at, v_now),
               outcome_seq   = r.last_seq + 1,
               last_seq      = r.last_seq + 1,
               last_event_at = greatest(r.last_event_at, v_now)
         where r.run_id = any (array(select b.run_id from unnest(v_before) as b))
           and r.status in ('pending', 'running')
           and r.spec_version between 2 and 7
     returning r.*
    )
    select array_agg((m.*)::workflow_pg.runs order by m.run_id),
           array_agg((m.run_id, null, 'run_cancelled', null,
                      case when p_reason is not null then jsonb_build_object('cancelReason', p_reason) end,
                      'opaque', null, null, null, null, null, 'cancelled', null, null,
                      m.last_seq, m.last_event_at)::workflow_pg_private.batch_entry)
      into v_after, v_entries
      from moved as m;

    perform workflow_pg_private.end_run(r) from unnest(v_after) as r;
    perform workflow_pg_private.cancel_legacy_runs(array(select b.run_id from unnest(v_before) as b));
    perform workflow_pg_private.emit_events(v_entries, null, p_spec_version);

    return query
    select u.place::integer, u.run_id,
           case when b.spec_version > 7 then 'not_cancellable'
                when t.outcome = 'ok' then 'cancelled'
                when t.outcome = 'no_op' then 'already_cancelled'
                when t.outcome = 'WF404' then 'not_found'
                else 'not_cancellable' end,
           case when b.spec_version > 7 then b.status else coalesce(t.next_status, b.status) end,
           case when t.outcome = 'ok' and b.spec_version between 2 and 7 then b.last_seq + 1 end
      from unnest(p_run_ids) with ordinality as u (run_id, place)
      left join unnest(v_before) as b on b.run_id = u.run_id
      join workflow_pg.run_transitions as t
        on t.event_type = 'run_cancelled' and t.run_status is not distinct from b.status
     order by u.place;
end;
$$;

comment on function workflow_pg.cancel_runs is
$$Cancel several runs in one transaction, each as cancel_run does.

p_run_ids       1 to 500 runs, each once
p_reason        for people, at most 512 UTF-16 units; every run_cancelled has it
p_spec_version  2 to 7
returns         what became of each run, in the order of the request; seq is null also for a legacy run,
                which is cancelled without an event
raises          WF400, WF422 the reason is too long, WF426$$;
