-- Give a message up, and what it was to do with it.
--
-- A step dispatch fails its step, and the run is woken to see that; anything else fails
-- the run. Both are said by name, in the log. The message stays for inspection. The run
-- is locked before the message, as everywhere.
--
-- A dispatch whose step is over leaves its run a wake all the same: whoever ended the step
-- under that delivery was to wake the run, and may have died before.

create or replace function workflow_pg.bury_message(
    p_run_id       text,
    p_message_id   text,
    p_lease_token  uuid,
    p_error        text,
    p_error_name   text default 'MaxDeliveriesExceeded',
    p_error_code   text default 'MAX_DELIVERIES_EXCEEDED'
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Shortened, not refused: a message that cannot be given up comes back for ever.
    v_error constant bytea := convert_to(
        jsonb_build_object('name', left(p_error_name, 255), 'message', left(p_error, 65536))::text, 'UTF8');
    v_now            timestamptz;
    v_run            workflow_pg.runs;
    v_message        workflow_pg_private.messages;
    v_step           workflow_pg.steps;
begin
    -- Any text will do: a traceback may begin with a line end.
    if p_error is null or p_error = '' then
        perform workflow_pg_private.refuse('WF400', 'a message is given up with a sentence that says why',
                                           jsonb_build_object('argument', 'error'));
    end if;

    select r.*
      into v_run
      from workflow_pg.runs as r
     where r.run_id = p_run_id
       for no key update;

    v_message := workflow_pg_private.held_message(p_run_id, p_message_id, p_lease_token);

    v_now := workflow_pg_private.clock();
    update workflow_pg_private.messages as m
       set buried_at   = v_now,
           lease_token = null,
           lease_until = null,
           last_error  = left(p_error, 1000)
     where m.run_id = p_run_id
       and m.message_id = p_message_id;

    select s.*
      into v_step
      from workflow_pg.steps as s
     where s.run_id = p_run_id
       and s.step_id = v_message.step_id;

    if workflow_pg_private.may_fail_step(v_run, v_step) then
        perform workflow_pg.fail_step(p_run_id, v_step.step_id, v_error, 'json');
    elsif v_message.kind = 'step' and v_run.run_id is not null then
        perform workflow_pg_private.leave_wake(v_run, v_now);
    elsif workflow_pg_private.may_fail_run(v_run) then
        perform workflow_pg.fail_run(p_run_id, v_error, 'json', left(p_error_code, 255));
    end if;
end;
$$;

comment on function workflow_pg.bury_message is
$$Give a message up: a step dispatch fails its step, any other message fails its run, both with the
error as JSON {name, message}. What is over already stays as it is. The message is kept, buried.

p_run_id, p_message_id, p_lease_token  of the delivery
p_error       one sentence for people; its first 65536 characters are kept, 1000 with the message
p_error_name  class of the error; its first 255 characters are kept
p_error_code  error_code of the run; its first 255 characters are kept
raises        WF400, WF409 the lease was lost$$;
