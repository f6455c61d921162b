-- Move a run past the events of a batch, and to its end if one of them ends it.

create or replace function workflow_pg_private.number_batch(
    p_run      workflow_pg.runs,
    p_entries  workflow_pg_private.batch_entry[]
)
returns workflow_pg.runs
language plpgsql volatile
as $$
declare
    v_last  workflow_pg_private.batch_entry;
    v_end   workflow_pg_private.batch_entry;
    v_run   workflow_pg.runs;
begin
    select e.*
      into v_last
      from unnest(p_entries) as e
     where e.seq is not null
     order by e.seq desc
     limit 1;

    if not found then
        return p_run;
    end if;

    select e.*
      into v_end
      from unnest(p_entries) as e
     where e.seq is not null
       and e.event_type in ('run_completed', 'run_failed');

    update workflow_pg.runs as r
       set last_seq      = v_last.seq,
           last_event_at = v_last.created_at,
           status        = coalesce(v_end.next_status::workflow_pg.run_status, r.status),
           completed_at  = coalesce(v_end.created_at, r.completed_at),
           outcome_seq   = coalesce(v_end.seq, r.outcome_seq)
     where r.run_id = p_run.run_id
 returning r.*
      into v_run;

    return v_run;
end;
$$;

comment on function workflow_pg_private.number_batch is
    'The run after the entries that have a position; as it was when none has.';
