-- Write the log of an imported run: the third function that appends to a log, a whole one.

create or replace function workflow_pg_private.emit_imported(
    p_run       workflow_pg.runs,
    p_log       workflow_pg_private.imported_event[],
    p_payloads  bytea[]
)
returns void
language plpgsql volatile
as $$
begin
    insert into workflow_pg.events
           (run_id, seq, event_type, spec_version, codec, created_at, correlation_id, facts, payload)
    select p_run.run_id, e.seq, e.event_type, e.spec_version,
           case when e.payload_at is null and e.error_text <> '' then 'json' else e.codec end,
           e.created_at, e.correlation_id,
           case when e.seq = 1 then e.facts || jsonb_build_object('deploymentId', p_run.deployment_id) else e.facts end,
           coalesce(p_payloads[e.payload_at],
                    convert_to(workflow_pg_private.legacy_error(e.error_text)::text, 'UTF8'))
      from unnest(p_log) as e
     where e.seq is not null;
end;
$$;

comment on function workflow_pg_private.emit_imported is
    'Append the events that have a position to the log of a run that has none yet.';
