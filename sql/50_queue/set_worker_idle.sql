-- A worker is about to wait, or has stopped waiting.
--
-- Written and committed before its last look at the queue: a message that comes later
-- finds the row and notifies.

create or replace function workflow_pg.set_worker_idle(
    p_worker_id  text,
    p_is_idle    boolean
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update workflow_pg_private.workers as w
       set is_idle = p_is_idle
     where w.worker_id = p_worker_id
       and w.is_idle <> p_is_idle;
end;
$$;

comment on function workflow_pg.set_worker_idle is
$$Ask to be notified on channel workflow_pg when there is something to claim, or no longer.

p_worker_id  as announced with heartbeat_worker; an unknown one changes nothing
p_is_idle    whether it is about to wait$$;
