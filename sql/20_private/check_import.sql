-- Can this run be taken as it is?

create or replace function workflow_pg_private.check_import(
    p_run_id    text,
    p_document  jsonb,
    p_log       workflow_pg_private.imported_event[],
    p_payloads  bytea[]
)
returns void
language plpgsql stable
as $$
declare
    v_version  constant integer := (p_document #>> '{run,spec_version}')::integer;
    v_fault             workflow_pg_private.fault;
    v_event             workflow_pg_private.imported_event;
begin
    select e.*
      into v_event
      from unnest(p_log) as e
     where e.spec_version > 7 or v_version not between 1 and 7
     order by e.seq
     limit 1;
    if found then
        perform workflow_pg_private.refuse(
            'WF426', format('run %s has spec version %s: 1 to 7 are supported', p_run_id, greatest(v_version, v_event.spec_version)),
            jsonb_build_object('run_id', p_run_id, 'spec_version', greatest(v_version, v_event.spec_version)));
    end if;

    select f.*
      into v_fault
      from unnest(p_log) as e
     cross join workflow_pg_private.append_fault(
           e.event_type, e.correlation_id, e.codec, p_payloads[e.payload_at]) as f
     where e.seq is not null
       and f.sqlstate is not null
     limit 1;
    if found then
        perform workflow_pg_private.refuse_fault(v_fault);
    end if;

    select e.*
      into v_event
      from unnest(p_log) as e
      left join jsonb_to_recordset(p_document -> 'steps') as s (step_id text) on s.step_id = e.correlation_id
     where e.seq is not null
       and e.event_type between 'step_created' and 'step_failed'
       and s.step_id is null
       and v_version > 1
     order by e.seq
     limit 1;
    if found then
        perform workflow_pg_private.refuse(
            'WF409', format('the log of run %s has %s of step %s, which is not there', p_run_id, v_event.event_type, v_event.correlation_id),
            jsonb_build_object('run_id', p_run_id, 'entity', 'step', 'id', v_event.correlation_id));
    end if;
end;
$$;

comment on function workflow_pg_private.check_import is
    'Raises WF426 for a version over 7, WF413 and WF400 for a payload, WF409 for events of a step that has no row.';
