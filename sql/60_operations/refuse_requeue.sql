-- Can anybody still use this message that was given up?

create or replace function workflow_pg_private.refuse_requeue(
    p_run      workflow_pg.runs,
    p_message  workflow_pg_private.messages
)
returns void
language plpgsql stable
as $$
declare
    v_what   constant text  := format('message %s cannot be delivered again', p_message.message_id);
    v_detail constant jsonb := jsonb_build_object(
        'entity', 'message', 'id', p_message.message_id, 'run_id', p_message.run_id, 'status', 'buried',
        'run_status', p_run.status);
    v_step            workflow_pg.steps;
begin
    if p_run.status >= 'completed' then
        perform workflow_pg_private.refuse(
            'WF410', format('%s: run %s is %s', v_what, p_message.run_id, p_run.status), v_detail,
            'Retry the run (`workflow-pg runs retry RUN`).');
    end if;

    select s.*
      into v_step
      from workflow_pg.steps as s
     where s.run_id = p_message.run_id
       and s.step_id = p_message.step_id
       and s.status >= 'completed';

    if found then
        perform workflow_pg_private.refuse(
            'WF409', format('%s: step %s of run %s is %s', v_what, v_step.step_id, v_step.run_id, v_step.status), v_detail,
            'The run has seen that and goes on; when it is over it can be retried.');
    end if;

    perform
       from workflow_pg_private.messages as m
      where m.run_id = p_message.run_id
        and m.idempotency_key = p_message.idempotency_key
        and m.kind not in ('wake', 'step')
        and m.buried_at is null;

    if found then
        perform workflow_pg_private.refuse(
            'WF409', format('%s: another message with its idempotency key %L lives', v_what, p_message.idempotency_key),
            v_detail, 'Leave the work to that one.');
    end if;
end;
$$;

comment on function workflow_pg_private.refuse_requeue is
    'Raises WF410 when the run is final, WF409 when the step is, or when a message with the same idempotency key lives.';
