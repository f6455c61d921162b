-- Waiters for the end of runs that do not wait any more.

create or replace function workflow_pg.withdraw_waiters(
    p_waiter_ids  text[],
    p_run_ids     text[]
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform workflow_pg_private.check_waiters(p_waiter_ids, p_run_ids);

    delete from workflow_pg_private.run_waiters as w
     using unnest(p_waiter_ids, p_run_ids) as a (waiter_id, run_id)
     where w.run_id = a.run_id
       and w.waiter_id = a.waiter_id;
end;
$$;

comment on function workflow_pg.withdraw_waiters is
$$Forget waiters that were announced: no notification is for them any more. Those that are not there
are no error.

p_waiter_ids  as announced with announce_waiters
p_run_ids     for each, its run
raises        WF400$$;
