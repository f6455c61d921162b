-- Is there a live worker that would claim this message?

create or replace function workflow_pg_private.is_served(
    p_message  workflow_pg_private.messages,
    p_now      timestamptz
)
returns boolean
language plpgsql stable
as $$
begin
    return workflow_pg_private.serving_workers(
        p_message.deployment_id, p_message.serves, p_message.queue_name, p_now) > 0;
end;
$$;

comment on function workflow_pg_private.is_served is
    'Whether a worker with a heartbeat within 15 s serves the names and deployment of the message.';
