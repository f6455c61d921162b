-- What becomes of each entry of a batch, with positions and times for those that survive.
--
-- A rejected entry takes no position. An event has the time at which it occurred for its
-- caller, as far as the log allows: never before the event before it, never ahead of the
-- clock.

create or replace function workflow_pg_private.decide_batch(
    p_run      workflow_pg.runs,
    p_entries  workflow_pg_private.batch_entry[],
    p_now      timestamptz
)
returns workflow_pg_private.batch_entry[]
language plpgsql stable
as $$
declare
    v_entries workflow_pg_private.batch_entry[];
begin
    with judged as materialized (
        select j.*, (j.fault).sqlstate is null as is_ok,
               least(date_trunc('milliseconds', j.occurred_at), p_now) as at
          from workflow_pg_private.judge_batch(p_run, p_entries, p_now) as j
    ), numbered as (
        select j.*,
               p_run.last_seq + count(*) filter (where j.is_ok) over upto as its_seq,
               greatest(p_run.last_event_at, max(j.at) filter (where j.is_ok) over upto) as its_time
          from judged as j
        window upto as (order by j.place rows unbounded preceding)
    )
    select array_agg((n.run_id, n.place, n.event_type, n.correlation_id, n.facts, n.codec, n.occurred_at,
                      n.pair_place, n.step_name, n.due_at, n.fault, n.run_status, n.next_status,
                      case when n.is_ok then n.attempt end,
                      case when n.is_ok then n.its_seq end,
                      case when n.is_ok then n.its_time end)::workflow_pg_private.batch_entry
                     order by n.place)
      into v_entries
      from numbered as n;

    return v_entries;
end;
$$;

comment on function workflow_pg_private.decide_batch is
    'The entries as judged for a run that is locked; those without a fault have consecutive positions after the run''s last.';
