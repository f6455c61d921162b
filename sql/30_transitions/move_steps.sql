-- Create the steps of a batch, then move those that its other entries are about.
--
-- Every row of the second statement is there, the run's lock keeps it so; the proposed row is
-- never inserted. ON CONFLICT, because it finds each of them by one index probe: an UPDATE
-- that joins the batch can be planned as a scan of the whole batch for each step.

create or replace function workflow_pg_private.move_steps(
    p_entries       workflow_pg_private.batch_entry[],
    p_spec_version  integer
)
returns void
language plpgsql volatile
as $$
begin
    insert into workflow_pg.steps
           (run_id, step_id, status, spec_version, attempt, input_seq, created_at, updated_at, step_name)
    select e.run_id, e.correlation_id, e.next_status::workflow_pg.step_status, p_spec_version, 0, e.seq,
           e.created_at, e.created_at, e.step_name
      from unnest(p_entries) as e
     where e.event_type = 'step_created'
       and e.seq is not null;

    insert into workflow_pg.steps as s
           (run_id, step_id, status, spec_version, attempt, input_seq, outcome_seq, error_seq,
            created_at, updated_at, started_at, completed_at, retry_after, step_name)
    select e.run_id, e.correlation_id, e.next_status::workflow_pg.step_status, p_spec_version, e.attempt, e.seq,
           case when e.event_type in ('step_completed', 'step_failed') then e.seq end,
           case when e.event_type in ('step_retrying', 'step_failed') then e.seq end,
           e.created_at, e.created_at,
           case when e.event_type = 'step_started' then e.created_at end,
           case when e.event_type in ('step_completed', 'step_failed') then e.created_at end,
           e.due_at, ''
      from unnest(p_entries) as e
     where e.event_type between 'step_started' and 'step_failed'
       and e.seq is not null
        on conflict (run_id, step_id) do update
       set status       = excluded.status,
           attempt      = excluded.attempt,
           outcome_seq  = excluded.outcome_seq,
           error_seq    = coalesce(excluded.error_seq, s.error_seq),
           updated_at   = excluded.updated_at,
           started_at   = coalesce(s.started_at, excluded.started_at),
           completed_at = excluded.completed_at,
           retry_after  = excluded.retry_after;
end;
$$;

comment on function workflow_pg_private.move_steps is
    'Write the steps of the entries that have a position.';
