-- A delivery that was not begun, or that its worker cannot finish in time for its own
-- end: back to the queue as if it had not been claimed.

create or replace function workflow_pg.release_message(
    p_run_id       text,
    p_message_id   text,
    p_lease_token  uuid
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_message workflow_pg_private.messages;
begin
    v_message := workflow_pg_private.held_message(p_run_id, p_message_id, p_lease_token);

    perform workflow_pg_private.return_message(
        v_message, workflow_pg_private.clock(), v_message.attempt - 1, v_message.idempotency_key, null);
    perform workflow_pg_private.notify_idle(v_message.deployment_id, v_message.serves);
end;
$$;

comment on function workflow_pg.release_message is
$$Give a delivery back untouched; it is due at once and does not count.

p_run_id, p_message_id, p_lease_token  of the delivery
raises  WF409 the lease was lost$$;
