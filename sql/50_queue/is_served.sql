-- Is there a live worker that would claim this message?

create or replace function workflow_pg_private.is_served(
    p_message  workflow_pg_private.messages,
    p_now      timestamptz
)
returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select
          from workflow_pg_private.workers as w
         where w.seen_at > p_now - interval '15 seconds'
           and w.deployment_id in (p_message.deployment_id, '*')
           and (p_message.serves = any (w.workflows) or p_message.serves = any (w.steps))
           and p_message.queue_name = any (array(
                   select workflow_pg_private.queue_name(w.namespace, n.name)
                     from unnest(w.workflows) as n (name))));
end;
$$;

comment on function workflow_pg_private.is_served is
    'Whether a worker with a heartbeat within 15 s serves the names and deployment of the message.';
