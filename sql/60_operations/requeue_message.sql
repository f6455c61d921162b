-- Make one buried message pending again, if what it is about can still use it.
--
-- The run is locked, if there is one, and the message. A wake and a step's dispatch carry
-- nothing and merge with the one that lives, as everywhere; what has a body is moved as it is.

create or replace function workflow_pg_private.requeue_message(
    p_run      workflow_pg.runs,
    p_message  workflow_pg_private.messages
)
returns text
language plpgsql volatile
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    perform workflow_pg_private.refuse_requeue(p_run, p_message);

    if p_message.kind in ('wake', 'step') then
        delete from workflow_pg_private.messages as m
         where m.run_id = p_message.run_id
           and m.message_id = p_message.message_id;

        if p_message.kind = 'wake' then
            return workflow_pg_private.leave_wake(p_run, v_now, p_message.message_id);
        end if;
        return workflow_pg_private.send_step(p_run, p_message.step_id, p_message.message_id, v_now);
    end if;

    update workflow_pg_private.messages as m
       set buried_at = null,
           attempt   = 0,
           due_at    = v_now
     where m.run_id = p_message.run_id
       and m.message_id = p_message.message_id;

    perform workflow_pg_private.notify_idle(p_message.deployment_id, p_message.serves);
    return p_message.message_id;
end;
$$;

comment on function workflow_pg_private.requeue_message is
    'Make a buried message pending again, due now; the id of the message that will be delivered. Raises WF409, WF410.';
