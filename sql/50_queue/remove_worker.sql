-- A worker says goodbye.

create or replace function workflow_pg.remove_worker(p_worker_id text)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from workflow_pg_private.workers as w
     where w.worker_id = p_worker_id;
end;
$$;

comment on function workflow_pg.remove_worker is
$$Take a worker off the list, at its orderly end.

p_worker_id  as announced with heartbeat_worker; an unknown one changes nothing$$;
