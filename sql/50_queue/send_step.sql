-- Have a step executed, unless it is over or a message for it lives.

create or replace function workflow_pg_private.send_step(
    p_run         workflow_pg.runs,
    p_step_id     text,
    p_message_id  text,
    p_due_at      timestamptz
)
returns text
language plpgsql volatile
as $$
declare
    v_step        workflow_pg.steps;
    v_message_id  text;
begin
    select s.*
      into v_step
      from workflow_pg.steps as s
     where s.run_id = p_run.run_id
       and s.step_id = p_step_id;

    if not found then
        perform workflow_pg_private.refuse_step('step_completed', p_run.run_id, p_step_id);
    elsif v_step.status >= 'completed' or p_run.status >= 'completed' then
        return p_message_id;
    end if;

    -- A live message for the step is enough, leased or not: its holder sees to the step. One
    -- that was only for the death of a handler becomes the sender's.
    insert into workflow_pg_private.messages as m
           (run_id, message_id, kind, codec, attempt, due_at, created_at,
            deployment_id, serves, queue_name, step_id)
    values (p_run.run_id, p_message_id, 'step', 'opaque', 0, p_due_at, workflow_pg_private.clock(),
            p_run.deployment_id, v_step.step_name, p_run.queue_name, p_step_id)
        on conflict (run_id, step_id) where kind = 'step' and buried_at is null
        do update set due_at  = case when m.held_by is not null then excluded.due_at else m.due_at end,
                      held_by = null
 returning m.message_id
      into v_message_id;

    perform workflow_pg_private.notify_idle(p_run.deployment_id, v_step.step_name);
    return v_message_id;
end;
$$;

comment on function workflow_pg_private.send_step is
    'Leave the dispatch of a step and return its id, or the id of the one that lives. Raises WF404.';
