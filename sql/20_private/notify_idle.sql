-- Tell an idle worker that there is something to claim.
--
-- A hint only: workers poll every second whatever happens here. It is sent just when a
-- worker that serves the name has announced that it waits, because a NOTIFY in every
-- commit costs two thirds of the throughput at 8 clients. Within one transaction
-- PostgreSQL sends it once.

create or replace function workflow_pg_private.notify_idle(
    p_deployment_id  text,
    p_serves         text
)
returns void
language plpgsql volatile
as $$
begin
    perform
       from workflow_pg_private.workers as w
      where w.is_idle
        and w.deployment_id in (p_deployment_id, '*')
        and (p_serves = any (w.workflows) or p_serves = any (w.steps) or '*' = any (w.workflows))
      limit 1;

    if found then
        perform pg_notify('workflow_pg', '');
    end if;
end;
$$;

comment on function workflow_pg_private.notify_idle is
    'NOTIFY workflow_pg, if a worker that serves the name is idle.';
