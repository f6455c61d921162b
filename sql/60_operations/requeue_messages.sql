-- Deliver again what was given up.
--
-- Giving up has failed the step or the run, where there was one that could fail, and what
-- is final stays so. So this is for messages that came before their run, and for those
-- whose run is live; a run that is over is retried.

create or replace function workflow_pg.requeue_messages(
    p_message_id  text default null,
    p_run_id      text default null
)
returns table (run_id text, message_id text, kind workflow_pg.message_kind)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run_id constant text := coalesce(p_run_id, workflow_pg_private.buried_run(p_message_id));
    v_run             workflow_pg.runs;
begin
    if p_message_id is null and p_run_id is null then
        perform workflow_pg_private.refuse('WF400', 'say which message, or the messages of which run',
                                           jsonb_build_object('argument', 'message id'));
    end if;

    select r.*
      into v_run
      from workflow_pg.runs as r
     where r.run_id = v_run_id
       for no key update;

    perform
       from workflow_pg_private.messages as m
      where m.run_id = v_run_id
        and m.buried_at is not null
        and (p_message_id is null or m.message_id = p_message_id)
        for update;

    if not found then
        perform workflow_pg_private.refuse(
            'WF404',
            case when p_message_id is null then format('run %s has no message that was given up', p_run_id)
                 else format('there is no message %s that was given up', quote_literal(left(p_message_id, 60))) end,
            jsonb_build_object('entity', 'message', 'id', p_message_id, 'run_id', p_run_id),
            '`workflow-pg queue dead` lists those that were.');
    end if;

    return query
    select m.run_id, q.message_id, m.kind
      from (select m.*
              from workflow_pg_private.messages as m
             where m.run_id = v_run_id
               and m.buried_at is not null
               and (p_message_id is null or m.message_id = p_message_id)
             order by m.created_at, m.message_id) as m
     cross join lateral workflow_pg_private.requeue_message(v_run, m) as q (message_id);
end;
$$;

comment on function workflow_pg.requeue_messages is
$$Make messages that were given up pending again, due now, with no delivery counted: one, or all of a
run; all or none.

p_message_id  the message; null for all of p_run_id
p_run_id      its run; null when p_message_id says enough
returns       what will be delivered; message_id is that of a message that lives already, if it does the
              same
raises        WF400, WF404 no such buried message, WF409 its step is final or its idempotency key has a
              new message, WF410 the run is final: retry_run$$;
