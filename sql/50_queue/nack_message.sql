-- A delivery failed: again later, with a growing delay.

create or replace function workflow_pg.nack_message(
    p_run_id       text,
    p_message_id   text,
    p_lease_token  uuid,
    p_error        text default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_message  workflow_pg_private.messages;
    v_seconds  double precision;
begin
    v_message := workflow_pg_private.held_message(p_run_id, p_message_id, p_lease_token);

    -- 1 s doubling to 60 s; half of it random, so that a crowd does not come back at once.
    v_seconds := least(60, 2 ^ least(v_message.attempt - 1, 10)) * (0.5 + random() / 2);

    perform workflow_pg_private.return_message(
        v_message, workflow_pg_private.clock() + make_interval(secs => v_seconds), v_message.attempt,
        v_message.idempotency_key, left(p_error, 1000));
end;
$$;

comment on function workflow_pg.nack_message is
$$Give a delivery back after an error; it is delivered again after 1 s doubling to 60 s, with jitter.

p_run_id, p_message_id, p_lease_token  of the delivery
p_error  why, for people; the first 1000 characters are kept
raises   WF409 the lease was lost$$;
