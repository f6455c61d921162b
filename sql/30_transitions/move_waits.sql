-- Create the waits of a batch, then complete those that its other entries are about.
--
-- ON CONFLICT for the reason that move_steps gives.

create or replace function workflow_pg_private.move_waits(
    p_entries       workflow_pg_private.batch_entry[],
    p_spec_version  integer
)
returns void
language plpgsql volatile
as $$
begin
    insert into workflow_pg.waits
           (run_id, wait_id, status, spec_version, is_woken, resume_at, created_at)
    select e.run_id, e.correlation_id, e.next_status::workflow_pg.wait_status, p_spec_version, false,
           e.due_at, e.created_at
      from unnest(p_entries) as e
     where e.event_type = 'wait_created'
       and e.seq is not null;

    insert into workflow_pg.waits as w
           (run_id, wait_id, status, spec_version, is_woken, resume_at, created_at, completed_at)
    select e.run_id, e.correlation_id, e.next_status::workflow_pg.wait_status, p_spec_version, false,
           e.created_at, e.created_at, e.created_at
      from unnest(p_entries) as e
     where e.event_type = 'wait_completed'
       and e.seq is not null
        on conflict (run_id, wait_id) do update
       set status       = excluded.status,
           completed_at = excluded.completed_at;
end;
$$;

comment on function workflow_pg_private.move_waits is
    'Write the waits of the entries that have a position.';
