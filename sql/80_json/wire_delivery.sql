-- Which delivery a caller means.

create or replace function workflow_pg_private.wire_delivery(
    p_delivery  jsonb,
    out run_id       text,
    out message_id   text,
    out lease_token  uuid
)
returns record
language plpgsql immutable
as $$
begin
    perform workflow_pg_private.wire_object('delivery', p_delivery);
    run_id      := workflow_pg_private.wire_text(p_delivery, 'runId');
    message_id  := workflow_pg_private.wire_text(p_delivery, 'messageId');
    lease_token := workflow_pg_private.wire_uuid(p_delivery, 'leaseToken');

    if num_nulls(run_id, message_id, lease_token) > 0 then
        perform workflow_pg_private.refuse('WF400', 'a delivery is named by runId, messageId and leaseToken',
                                           jsonb_build_object('argument', 'delivery'));
    end if;
end;
$$;

comment on function workflow_pg_private.wire_delivery is
    'runId, messageId and leaseToken of a delivery. Raises WF400 unless all are there.';
