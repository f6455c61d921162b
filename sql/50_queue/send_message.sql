-- Put a message into the queue; what is there already is not put there twice.
--
-- Most messages need no sender: create_run, create_step, and every event that can
-- unblock a run leave theirs in their own transaction. SDKs send all the same; those
-- sends converge here.

create or replace function workflow_pg.send_message(
    p_run_id           text,
    p_kind             workflow_pg.message_kind,
    p_message_id       text default null,
    p_queue_name       text default null,
    p_step_id          text default null,
    p_body             bytea default null,
    p_codec            workflow_pg.payload_codec default 'cbor',
    p_idempotency_key  text default null,
    p_deployment_id    text default null,
    p_delay            interval default '0 seconds'
)
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_message_id constant text := coalesce(p_message_id, workflow_pg_private.new_message_id());
    v_run                 workflow_pg.runs;
    v_due_at              timestamptz;
begin
    perform workflow_pg_private.check_message(p_run_id, v_message_id, p_delay, p_idempotency_key, p_body);
    v_due_at := workflow_pg_private.clock() + p_delay;
    if p_kind is null then
        perform workflow_pg_private.refuse('WF400', 'a message needs a kind: wake, start, step, hook or custom',
                                           jsonb_build_object('argument', 'kind'));
    end if;

    perform
       from workflow_pg_private.messages as m
      where m.run_id = p_run_id
        and m.message_id = p_message_id;
    if found then
        return p_message_id;
    end if;

    select r.*
      into v_run
      from workflow_pg.runs as r
     where r.run_id = p_run_id;

    if v_run.run_id is null and p_kind in ('wake', 'step', 'hook') then
        perform workflow_pg_private.refuse_run('run_completed', p_run_id);
    end if;

    if v_run.run_id is not null and p_kind in ('wake', 'start') then
        -- A run that exists was left its start by create_run.
        if p_kind = 'start' then
            return coalesce(workflow_pg_private.replay_message(p_run_id), v_message_id);
        end if;
        return workflow_pg_private.leave_wake(v_run, v_due_at, v_message_id);
    elsif p_kind = 'step' then
        return workflow_pg_private.send_step(v_run, p_step_id, v_message_id, v_due_at);
    end if;

    return workflow_pg_private.send_body(
        p_run_id, v_run, p_kind, v_message_id, p_queue_name, p_deployment_id,
        p_codec, p_body, p_idempotency_key, v_due_at);
end;
$$;

comment on function workflow_pg.send_message is
$$Send a message to whoever serves a run. Durable when it returns.

p_run_id           the run; for start and custom it need not exist yet
p_kind             wake: replay the run, merged with a pending wake; nothing for a final run
                   start: create and replay an absent run from the body, also one that was deleted;
                   a run that exists has its message, whose id is returned
                   step: execute p_step_id; one live message per step, nothing for a final step
                   hook, custom: the body, as it is
p_message_id       drawn by the sender before its first try: a repeat changes nothing; null: drawn here
p_queue_name       __wkf_workflow_<name>; needed for an absent run, else the run's
p_step_id          for kind step
p_body             content of start, hook and custom, at most 16 MiB and 64 KiB
p_codec            how to read p_body
p_idempotency_key  while a message of the run with this key lives, its id is returned instead
p_deployment_id    for an absent run; null: default
p_delay            not to be delivered before, from now; 0 to 1000 days
returns            id of the message that will be delivered
raises             WF400, WF404 no such run or step, WF413$$;
