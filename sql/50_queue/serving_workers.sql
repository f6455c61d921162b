-- How many live workers would claim messages of this name?

create or replace function workflow_pg_private.serving_workers(
    p_deployment_id  text,
    p_serves         text,
    p_queue_name     text,
    p_now            timestamptz
)
returns bigint
language plpgsql stable
as $$
begin
    return (
        select count(*)
          from workflow_pg_private.workers as w
         where w.seen_at > p_now - interval '15 seconds'
           and w.deployment_id in (p_deployment_id, '*')
           and case when '*' = any (w.workflows)
                    then starts_with(p_queue_name, workflow_pg_private.queue_name(w.namespace, ''))
                    else (p_serves = any (w.workflows) or p_serves = any (w.steps))
                     and p_queue_name = any (array(
                             select workflow_pg_private.queue_name(w.namespace, n.name)
                               from unnest(w.workflows) as n (name))) end);
end;
$$;

comment on function workflow_pg_private.serving_workers is
    'How many workers with a heartbeat within 15 s serve a name, in a deployment and a queue.';
