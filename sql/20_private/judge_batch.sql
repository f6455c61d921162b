-- The law of the machine on all entries of a batch at once.
--
-- The run's row is locked, so nothing that is read here changes before the commit. Each
-- entry meets the run as the entries before it leave it: one of them may end the run, and
-- its waits with it. It meets its own entity as it is, since no other entry is about it; a
-- pair that makes a step born running is one claim, decided where it ends. Each probe stops
-- at its one row, so that no plan compares the batch with a table.

create or replace function workflow_pg_private.judge_batch(
    p_run      workflow_pg.runs,
    p_entries  workflow_pg_private.batch_entry[],
    p_now      timestamptz
)
returns setof workflow_pg_private.batch_entry
language plpgsql stable
as $$
declare
    v_end  constant workflow_pg_private.batch_entry := workflow_pg_private.batch_end(p_run, p_entries);
    v_law  constant jsonb := workflow_pg_private.batch_law(
        array(select distinct e.event_type from unnest(p_entries) as e), array[p_run.status, v_end.run_status]);
begin
    return query
    with met as materialized (
        select e.*, r.status as met_run, s.attempt as starts, s.step_name as its_name, s.retry_after,
               case when e.event_type < 'step_created' then r.status::text
                    when w.status = 'waiting' and e.place > v_end.place then 'cancelled'
                    else coalesce(s.status::text, w.status::text) end as met_status
          from unnest(p_entries) as e
         cross join lateral (
               select case when coalesce(e.pair_place, e.place) > v_end.place then v_end.run_status else p_run.status end) as r (status)
          left join lateral (
               select s.status, s.attempt, s.step_name, s.retry_after from workflow_pg.steps as s
                where e.event_type between 'step_created' and 'step_failed'
                  and s.run_id = p_run.run_id and s.step_id = e.correlation_id limit 1) as s on true
          left join lateral (
               select w.status from workflow_pg.waits as w
                where e.event_type >= 'wait_created'
                  and w.run_id = p_run.run_id and w.wait_id = e.correlation_id limit 1) as w on true
    ), judged as materialized (
        select m.*, workflow_pg_private.batch_verdict(
                        v_law, m.event_type, m.pair_place is not null, m.met_run, m.met_status) as verdict,
               case when m.event_type between 'step_created' and 'step_failed'
                    then coalesce(m.starts, 0) + (m.event_type = 'step_started')::integer end as attempts
          from met as m
    )
    select j.run_id, j.place, j.event_type, j.correlation_id,
           case when j.event_type = 'step_started' then jsonb_build_object('attempt', j.attempts) else j.facts end,
           j.codec, j.occurred_at, j.pair_place, coalesce(j.its_name, j.step_name), j.due_at,
           case when (j.fault).sqlstate is not null then j.fault
                when p_run.spec_version not between 2 and 7 then workflow_pg_private.version_fault(
                    j.event_type, j.run_id, p_run.spec_version, p_run.status, true)
                when j.verdict like 'WF%' then workflow_pg_private.transition_fault(
                    j.verdict, j.event_type, j.run_id, j.met_run, split_part(j.event_type::text, '_', 1),
                    coalesce(j.correlation_id, j.run_id), j.met_status)
                when j.event_type = 'step_started' and j.retry_after > p_now then workflow_pg_private.early_fault(
                    j.run_id, j.correlation_id, j.retry_after, p_now) end,
           case when j.place >= v_end.place then v_end.run_status else p_run.status end,
           j.verdict, j.attempts, null::bigint, null::timestamptz
      from judged as j;
end;
$$;

comment on function workflow_pg_private.judge_batch is
    'The entries with fault, or else run_status, next_status and attempt, for a run that is locked; of an absent run all have WF404.';
