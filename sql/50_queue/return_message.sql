-- Give a delivery back to the queue.
--
-- A plain wake merges with one that is pending: one row, the earlier due time, the
-- greater attempt, the older id. Deleting and inserting lets the unique index do it,
-- also against an append that leaves a wake at this moment.
--
-- A run that is final needs no delivery: its message goes, as end_run does with the
-- pending ones. It may have been told to come back in a thousand days.

create or replace function workflow_pg_private.return_message(
    p_message          workflow_pg_private.messages,
    p_due_at           timestamptz,
    p_attempt          integer,
    p_idempotency_key  text,
    p_error            text
)
returns void
language plpgsql volatile
as $$
begin
    perform
       from workflow_pg.runs as r
      where r.run_id = p_message.run_id
        and r.status >= 'completed';

    if found then
        delete from workflow_pg_private.messages as m
         where m.run_id = p_message.run_id
           and m.message_id = p_message.message_id;
        return;
    end if;

    if p_message.kind = 'wake' then
        delete from workflow_pg_private.messages as m
         where m.run_id = p_message.run_id
           and m.message_id = p_message.message_id;

        insert into workflow_pg_private.messages as m
               (run_id, message_id, kind, codec, attempt, due_at, created_at, deployment_id, serves,
                queue_name, worker_id, idempotency_key, last_error)
        values (p_message.run_id, p_message.message_id, 'wake', p_message.codec, p_attempt, p_due_at,
                p_message.created_at, p_message.deployment_id, p_message.serves,
                p_message.queue_name, p_message.worker_id, p_idempotency_key, p_error)
            on conflict (run_id) where kind = 'wake' and lease_token is null and buried_at is null
            do update set message_id = case when m.created_at <= excluded.created_at
                                            then m.message_id else excluded.message_id end,
                          created_at = least(m.created_at, excluded.created_at),
                          due_at     = least(m.due_at, excluded.due_at),
                          attempt    = greatest(m.attempt, excluded.attempt),
                          last_error = coalesce(excluded.last_error, m.last_error);
        return;
    end if;

    update workflow_pg_private.messages as m
       set lease_token     = null,
           lease_until     = null,
           due_at          = p_due_at,
           attempt         = p_attempt,
           idempotency_key = p_idempotency_key,
           last_error      = coalesce(p_error, m.last_error)
     where m.run_id = p_message.run_id
       and m.message_id = p_message.message_id;
end;
$$;

comment on function workflow_pg_private.return_message is
    'Make a held message pending again, due at p_due_at; delete it when its run is final.';
