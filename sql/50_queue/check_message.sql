-- What all messages have in common.

create or replace function workflow_pg_private.check_message(
    p_run_id           text,
    p_message_id       text,
    p_delay            interval,
    p_idempotency_key  text,
    p_body             bytea
)
returns void
language plpgsql immutable
as $$
declare
    -- A body is a payload of at most 16 MiB in an envelope of the SDK's.
    c_body_limit constant integer := 16777216 + 65536;
begin
    perform workflow_pg_private.check_text('run id', p_run_id, 255);
    perform workflow_pg_private.check_text('message id', p_message_id, 255);

    if p_idempotency_key is not null then
        perform workflow_pg_private.check_text('idempotency key', p_idempotency_key, 512);
    end if;

    if p_delay is null or p_delay < interval '0 seconds' or p_delay > interval '1000 days' then
        perform workflow_pg_private.refuse(
            'WF400', format('delay %s is out of range: 0 to 1000 days are allowed', coalesce(p_delay::text, 'null')),
            jsonb_build_object('argument', 'delay'));
    end if;

    if octet_length(p_body) > c_body_limit then
        perform workflow_pg_private.refuse(
            'WF413', format('the message has %s bytes: at most %s are allowed', octet_length(p_body), c_body_limit),
            jsonb_build_object('bytes', octet_length(p_body), 'limit', c_body_limit),
            'Store the content elsewhere and pass a reference.');
    end if;
end;
$$;

comment on function workflow_pg_private.check_message is
    'Raises WF400 or WF413 unless the arguments of a message are in range.';
