-- An orderly return: the same message again, later.
--
-- This is how a handler sleeps, and how a step waits for its next attempt. It resets
-- the count of deliveries: sixty sleeps on one message are no sign of trouble.

create or replace function workflow_pg.reschedule_message(
    p_run_id           text,
    p_message_id       text,
    p_lease_token      uuid,
    p_delay            interval,
    p_idempotency_key  text default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_message workflow_pg_private.messages;
begin
    perform workflow_pg_private.check_message(p_run_id, p_message_id, p_delay, p_idempotency_key, null);
    v_message := workflow_pg_private.held_message(p_run_id, p_message_id, p_lease_token);

    perform
       from workflow_pg_private.messages as m
      where m.run_id = p_run_id
        and m.message_id <> p_message_id
        and m.idempotency_key = p_idempotency_key
        and m.kind <> 'step'
        and m.lease_token is null
        and m.buried_at is null;

    if found and v_message.kind <> 'step' then
        -- Another replay is already waiting for the same thing. No lock is needed: whoever
        -- claims it from now on sees all that our holder wrote. A step has one message only.
        delete from workflow_pg_private.messages as m
         where m.run_id = p_run_id
           and m.message_id = p_message_id;
        return;
    end if;

    perform workflow_pg_private.return_message(
        v_message, workflow_pg_private.clock() + p_delay, 0, p_idempotency_key, null);
end;
$$;

comment on function workflow_pg.reschedule_message is
$$Return a delivery in order, to be delivered again after p_delay; its count of deliveries starts anew.

p_run_id, p_message_id, p_lease_token  of the delivery
p_delay            0 to 1000 days
p_idempotency_key  when another pending replay of the run has it, this one is acknowledged instead;
                   a step's message never is
raises             WF400, WF409 the lease was lost$$;
