-- Leave the messages that have the steps of a batch executed, and take back those of steps
-- that are over. What dispatch_step and withdraw_dispatch do, for many steps at once.
--
-- The dispatch of a step that is born running waits for p_hold, and for the end of message
-- p_holder, whose handler has made the batch: its caller is executing it, and the dispatch is
-- for the case that the caller dies.
--
-- IS TRUE keeps the planner from making a join of the sub-select: it is hashed, whatever the
-- statistics say.

create or replace function workflow_pg_private.dispatch_steps(
    p_run       workflow_pg.runs,
    p_entries   workflow_pg_private.batch_entry[],
    p_now       timestamptz,
    p_holder    text,
    p_hold      interval
)
returns void
language plpgsql volatile
as $$
begin
    delete from workflow_pg_private.messages as m
     where m.run_id = p_run.run_id
       and m.kind = 'step'
       and m.lease_token is null
       and m.buried_at is null
       and (m.step_id in (select e.correlation_id
                            from unnest(p_entries) as e
                           where e.event_type in ('step_completed', 'step_failed')
                             and e.seq is not null)) is true;

    if p_run.status >= 'completed' then
        return;
    end if;

    insert into workflow_pg_private.messages as m
           (run_id, message_id, kind, codec, attempt, due_at, created_at,
            deployment_id, serves, queue_name, step_id, held_by)
    select p_run.run_id, workflow_pg_private.new_message_id(), 'step', 'opaque', 0,
           case when e.pair_place is not null then p_now + p_hold else coalesce(e.due_at, p_now) end, e.created_at,
           p_run.deployment_id, e.step_name, p_run.queue_name, e.correlation_id,
           case when e.pair_place is not null then p_holder end
      from unnest(p_entries) as e
     where e.seq is not null
       and (e.event_type = 'step_created' or e.event_type = 'step_retrying' and p_holder is null)
        on conflict (run_id, step_id) where kind = 'step' and buried_at is null
        do update set due_at  = excluded.due_at,
                      held_by = excluded.held_by
                where m.lease_token is null;

    perform workflow_pg_private.notify_idle(p_run.deployment_id, n.step_name)
       from (select distinct e.step_name
               from unnest(p_entries) as e
              where e.event_type in ('step_created', 'step_retrying')
                and e.seq is not null) as n;
end;
$$;

comment on function workflow_pg_private.dispatch_steps is
    'Dispatch the steps that a batch has created or given back, withdraw the dispatches of those that it has ended.';
