-- Leave each of several runs a plain wake, as leave_wake does for one.

create or replace function workflow_pg_private.leave_wakes(
    p_runs    workflow_pg.runs[],
    p_due_at  timestamptz
)
returns void
language plpgsql volatile
as $$
begin
    insert into workflow_pg_private.messages as m
           (run_id, message_id, kind, codec, attempt, due_at, created_at,
            deployment_id, serves, queue_name)
    select r.run_id, workflow_pg_private.new_message_id(), 'wake', 'opaque', 0, p_due_at, p_due_at,
           r.deployment_id, r.workflow_name, r.queue_name
      from unnest(p_runs) as r
     where r.status in ('pending', 'running')
     order by r.run_id
        on conflict (run_id) where kind = 'wake' and lease_token is null and buried_at is null
        do update set due_at = excluded.due_at
                where m.due_at > excluded.due_at;

    perform workflow_pg_private.notify_idle(n.deployment_id, n.workflow_name)
       from (select distinct r.deployment_id, r.workflow_name from unnest(p_runs) as r) as n;
end;
$$;

comment on function workflow_pg_private.leave_wakes is
    'Leave each run a pending wake due at p_due_at or before; none for a run that is final.';
