-- Turn sleeps that are over into wakes, once each.
--
-- Whoever claims next calls this first, so no timer message is ever stored. A run
-- whose replay message is leased, or due within a second, needs no other: an SDK comes
-- back by itself for the wait it sleeps on. FOR SHARE, so that such a message does not
-- go away unseen between our look and our commit.
--
-- SKIP LOCKED: a message that is just being claimed, renewed or acknowledged does not
-- stand for a replay, its run is woken to be safe. Nobody else has one: who appends, gives
-- back or buries has locked the run before, and mark_due_waits has passed that by.

create or replace function workflow_pg_private.wake_due_waits(
    p_now    timestamptz,
    p_limit  integer
)
returns void
language plpgsql volatile
as $$
declare
    v_run_ids  text[];
    v_served   text[];
begin
    v_run_ids := workflow_pg_private.mark_due_waits(p_now, p_limit);
    if v_run_ids is null then
        return;
    end if;

    v_served := array(
        select m.run_id
          from workflow_pg_private.messages as m
         where m.run_id = any (v_run_ids)
           and m.kind <> 'step'
           and m.buried_at is null
           and (m.lease_token is not null or m.due_at <= p_now + interval '1 second')
           for share skip locked);

    perform workflow_pg_private.leave_wake(r, p_now)
       from workflow_pg.runs as r
      where r.run_id = any (v_run_ids)
        and r.run_id <> all (v_served)
      order by r.run_id;
end;
$$;

comment on function workflow_pg_private.wake_due_waits is
    'Wake the runs of up to p_limit waits whose resume_at has passed at p_now.';
