-- The waits whose time has come, marked so that each is seen once.
--
-- SKIP LOCKED: a wait that another worker is marking, or that is just being completed,
-- is in good hands.

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
         where w.status = 'waiting'
           and not w.is_woken
           and w.resume_at <= p_now
         order by w.resume_at
         limit p_limit
           for update skip locked
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
    'Mark up to p_limit waits due at p_now as woken; the ids of their runs, null when there are none.';
