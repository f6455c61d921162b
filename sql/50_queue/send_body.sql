-- Store a message with content. It never merges with another and replaces none.

create or replace function workflow_pg_private.send_body(
    p_run_id           text,
    p_run              workflow_pg.runs,
    p_kind             workflow_pg.message_kind,
    p_message_id       text,
    p_queue_name       text,
    p_deployment_id    text,
    p_codec            workflow_pg.payload_codec,
    p_body             bytea,
    p_idempotency_key  text,
    p_due_at           timestamptz
)
returns text
language plpgsql volatile
as $$
declare
    v_queue_name    constant text := coalesce(p_run.queue_name, p_queue_name);
    v_deployment_id constant text := coalesce(p_run.deployment_id, p_deployment_id, 'default');
    v_serves        constant text := substring(v_queue_name from '^__(?:[a-z][a-z0-9]*_)?wkf_workflow_(.+)$');
    v_message_id             text;
begin
    if v_serves is null or p_body is null then
        perform workflow_pg_private.refuse(
            'WF400',
            case when p_body is null then format('a message of kind %s needs a body', p_kind)
                 else format('queue name %s is malformed: __wkf_workflow_ and the name of a workflow are needed',
                             coalesce(quote_literal(left(v_queue_name, 60)), 'null')) end,
            jsonb_build_object('argument', case when p_body is null then 'body' else 'queue name' end));
    end if;
    perform workflow_pg_private.check_text('queue name', v_queue_name, 1100);
    perform workflow_pg_private.check_text('deployment id', v_deployment_id, 255);

    select m.message_id
      into v_message_id
      from workflow_pg_private.messages as m
     where m.run_id = p_run_id
       and m.idempotency_key = p_idempotency_key
       and m.buried_at is null
     limit 1;

    if found then
        return v_message_id;
    end if;

    insert into workflow_pg_private.messages
           (run_id, message_id, kind, codec, attempt, due_at, created_at,
            deployment_id, serves, queue_name, idempotency_key, body)
    values (p_run_id, p_message_id, p_kind, p_codec, 0, p_due_at, workflow_pg_private.clock(),
            v_deployment_id, v_serves, v_queue_name, p_idempotency_key, p_body)
        on conflict (run_id, message_id) do nothing;

    perform workflow_pg_private.notify_idle(v_deployment_id, v_serves);
    return p_message_id;
end;
$$;

comment on function workflow_pg_private.send_body is
    'Store a message with content; a message id or idempotency key that lives is not stored again. Raises WF400.';
