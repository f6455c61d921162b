-- Leave the message that has a step executed; at most one per step is alive.
--
-- One that is pending is moved to p_due_at; one that is leased is left to its holder.
--
-- With p_held_by it is for the case that another message of the run, whose handler executes the
-- step itself, goes away before the step is over: nobody claims it while that one lives.

create or replace function workflow_pg_private.dispatch_step(
    p_run        workflow_pg.runs,
    p_step_id    text,
    p_step_name  text,
    p_due_at     timestamptz,
    p_held_by    text default null
)
returns void
language plpgsql volatile
as $$
begin
    insert into workflow_pg_private.messages as m
           (run_id, message_id, kind, codec, attempt, due_at, created_at,
            deployment_id, serves, queue_name, step_id, held_by)
    values (p_run.run_id, workflow_pg_private.new_message_id(), 'step', 'opaque', 0, p_due_at, p_run.last_event_at,
            p_run.deployment_id, p_step_name, p_run.queue_name, p_step_id, p_held_by)
        on conflict (run_id, step_id) where kind = 'step' and buried_at is null
        do update set due_at  = excluded.due_at,
                      held_by = excluded.held_by
                where m.lease_token is null;

    perform workflow_pg_private.notify_idle(p_run.deployment_id, p_step_name);
end;
$$;

comment on function workflow_pg_private.dispatch_step is
    'Leave the dispatch of a step, due at p_due_at and after message p_held_by is gone.';
