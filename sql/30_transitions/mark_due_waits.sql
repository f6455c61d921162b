-- The waits whose time has come, marked so that each is seen once.
--
-- Their runs are locked with them, and first, as everywhere: whoever wakes them next writes
-- to the queue of a run that nobody else is writing to. SKIP LOCKED, because a claim waits
-- for nobody: a run that somebody moves, for however long, is left to the next sweep.

create or replace function workflow_pg_private.mark_due_waits(
    p_now    timestamptz,
    p_limit  integer
)
returns text[]
language plpgsql volatile
as $$
declare
    v_run_ids text[];
begin
    with due as (
        select w.run_id, w.wait_id
          from workflow_pg.waits as w
          join workflow_pg.runs as r on r.run_id = w.run_id
         where w.status = 'waiting'
           and not w.is_woken
           and w.resume_at <= p_now
         order by w.resume_at
         limit p_limit
           for no key update of r, w skip locked
    ), marked as (
        update workflow_pg.waits as w
           set is_woken = true
          from due as d
         where w.run_id = d.run_id
           and w.wait_id = d.wait_id
     returning w.run_id
    )
    select array_agg(distinct k.run_id)
      into v_run_ids
      from marked as k;

    return v_run_ids;
end;
$$;

comment on function workflow_pg_private.mark_due_waits is
    'Mark up to p_limit waits due at p_now as woken; the ids of their runs, which are locked, null when there are none.';
