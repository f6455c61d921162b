-- Where in a batch its run ends.

create or replace function workflow_pg_private.batch_end(
    p_run      workflow_pg.runs,
    p_entries  workflow_pg_private.batch_entry[]
)
returns workflow_pg_private.batch_entry
language plpgsql stable
as $$
declare
    v_entry workflow_pg_private.batch_entry;
begin
    select e.*
      into v_entry
      from unnest(p_entries) as e
     where e.event_type in ('run_completed', 'run_failed')
       and (e.fault).sqlstate is null;

    select t.next_status
      into v_entry.run_status
      from workflow_pg.run_transitions as t
     where t.event_type = v_entry.event_type
       and t.run_status = p_run.status
       and t.outcome = 'ok';

    return case when found then v_entry end;
end;
$$;

comment on function workflow_pg_private.batch_end is
    'The entry that ends the run, with the status that it gives it; null when none does.';
