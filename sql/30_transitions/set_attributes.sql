-- pending -> pending, running -> running, with other attributes
--
-- It wakes nobody: whoever replays the body that sets them goes on by itself, and no other
-- workflow waits for attributes.

create or replace function workflow_pg.set_attributes(
    p_run_id          text,
    p_changes         jsonb,
    p_writer          text default 'api',
    p_correlation_id  text default null,
    p_step_id         text default null,
    p_attempt         integer default null,
    p_allow_reserved  boolean default false,
    p_spec_version    integer default 7,
    p_dedup_key       text default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now   constant timestamptz := workflow_pg_private.clock();
    v_facts constant jsonb := workflow_pg_private.attribute_facts(
        p_changes, p_writer, p_step_id, p_attempt, p_allow_reserved);
    v_call           workflow_pg_private.append_call;
    v_run            workflow_pg.runs;
begin
    if p_writer = 'workflow' then
        perform workflow_pg_private.check_text('correlation id', p_correlation_id, 255);
    elsif p_correlation_id is not null then
        perform workflow_pg_private.refuse(
            'WF400', format('a call of writer %s has no correlation id: only one of a workflow''s body has', p_writer),
            jsonb_build_object('argument', 'correlation id'));
    end if;
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'attr_set', p_correlation_id, v_facts, 'opaque', null, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    update workflow_pg.runs as r
       set last_seq      = r.last_seq + 1,
           last_event_at = greatest(r.last_event_at, v_now)
     where r.run_id = p_run_id
       and r.status in ('pending', 'running')
       and r.spec_version between 2 and 7
 returning r.*
      into v_run;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_run('attr_set', p_run_id);
    end if;

    if p_writer = 'workflow' then
        perform workflow_pg_private.note_attribute_write(v_run, p_correlation_id, p_dedup_key, v_call.digest);
    end if;

    perform workflow_pg_private.merge_attributes(p_run_id, p_changes);
    return workflow_pg_private.emit_event(
        v_run, 'attr_set', p_correlation_id, v_facts, 'opaque', null,
        p_spec_version, p_dedup_key, v_call.digest, null, false);
end;
$$;

comment on function workflow_pg.set_attributes is
$$Set and delete attributes of a live run and record attr_set. Attributes are plain text for whoever
looks for runs; they are not encrypted, and the run is not woken.

p_run_id          the run
p_changes         JSON array of one or more {"key": text, "value": text or null}, each key once, at
                  most 8192 bytes as an event; null deletes, keys that are not named stay. A key has 1
                  to 256 UTF-16 units, a value at most 256 bytes, a run at most 64 attributes
p_writer          who sets them: api, or for SDKs workflow or step
p_correlation_id  of the call in a workflow's body, which is recorded once, 1 to 255 bytes; null for
                  other writers
p_step_id         the step that is the writer; else null
p_attempt         its attempt; else null
p_allow_reserved  whether keys may begin with $
p_spec_version    2 to 7
p_dedup_key       a repeat with the same key returns the first reply
returns           the event and the run's status
raises            WF400, WF404 no such run, WF409 the run is final, or the call was recorded before,
                  WF422 a limit is exceeded or a key is reserved, WF426; 40001 repeat the call$$;
