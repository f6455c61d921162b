-- The waits of an imported run: all that its log has created. Those of a legacy run were
-- events and no entities.

create or replace function workflow_pg_private.import_waits(
    p_run       workflow_pg.runs,
    p_document  jsonb,
    p_log       workflow_pg_private.imported_event[]
)
returns void
language plpgsql volatile
as $$
begin
    insert into workflow_pg.waits
           (run_id, wait_id, status, spec_version, is_woken, resume_at, created_at, completed_at)
    select p_run.run_id, e.correlation_id,
           case when d.seq is not null then workflow_pg.wait_status 'completed'
                when p_run.status >= 'completed' then 'cancelled'
                else 'waiting' end,
           greatest(coalesce(w.spec_version, e.spec_version), 1), false,
           date_trunc('milliseconds', coalesce(w.resume_at, workflow_pg_private.fact_time(e.facts, 'resumeAt'), e.created_at)),
           date_trunc('milliseconds', coalesce(w.created_at, e.created_at)),
           case when d.seq is not null then date_trunc('milliseconds', coalesce(w.completed_at, d.created_at)) end
      from unnest(p_log) as e
      left join jsonb_to_recordset(p_document -> 'waits') as w (
           wait_id text, spec_version integer, resume_at timestamptz, created_at timestamptz, completed_at timestamptz)
        on w.wait_id = e.correlation_id
      left join unnest(p_log) as d
        on d.correlation_id = e.correlation_id and d.event_type = 'wait_completed' and d.seq is not null
     where e.seq is not null
       and e.event_type = 'wait_created'
       and p_run.spec_version > 1;
end;
$$;

comment on function workflow_pg_private.import_waits is
    'Insert the waits of an import document. One that is over there and due here wakes its run like any other.';
