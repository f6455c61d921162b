-- Leave the run a plain wake: somebody will replay it, not before p_due_at.
--
-- One pending wake per run. DO UPDATE and not DO NOTHING: it locks the pending row, so
-- a worker that is about to claim that row (SKIP LOCKED) leaves it alone until our
-- event is visible. With DO NOTHING the worker could claim and acknowledge it before
-- our commit, and the run would sleep for ever.

create or replace function workflow_pg_private.leave_wake(
    p_run         workflow_pg.runs,
    p_due_at      timestamptz,
    p_message_id  text default null
)
returns text
language plpgsql volatile
as $$
declare
    v_message_id text := coalesce(p_message_id, workflow_pg_private.new_message_id());
begin
    -- Nobody replays a legacy run.
    if p_run.status >= 'completed' or p_run.spec_version = 1 then
        return v_message_id;
    end if;

    insert into workflow_pg_private.messages as m
           (run_id, message_id, kind, codec, attempt, due_at, created_at,
            deployment_id, serves, queue_name)
    values (p_run.run_id, v_message_id, 'wake', 'opaque', 0, p_due_at, workflow_pg_private.clock(),
            p_run.deployment_id, p_run.workflow_name, p_run.queue_name)
        on conflict (run_id) where kind = 'wake' and lease_token is null and buried_at is null
        do update set due_at = excluded.due_at
                where m.due_at > excluded.due_at
 returning m.message_id into v_message_id;

    if v_message_id is null then
        -- The pending one is due earlier; it is locked by us, so it is still there.
        select m.message_id
          into v_message_id
          from workflow_pg_private.messages as m
         where m.run_id = p_run.run_id
           and m.kind = 'wake'
           and m.lease_token is null
           and m.buried_at is null;
    end if;

    perform workflow_pg_private.notify_idle(p_run.deployment_id, p_run.workflow_name);
    return v_message_id;
end;
$$;

comment on function workflow_pg_private.leave_wake is
    'Leave a pending wake due at p_due_at or before; returns its id. Does nothing for a run that is final or legacy.';
