-- Write the events of a batch: the one other function that appends to the log.
--
-- Their runs are locked and already carry the positions (number_batch).

create or replace function workflow_pg_private.emit_events(
    p_entries       workflow_pg_private.batch_entry[],
    p_payloads      bytea[],
    p_spec_version  integer
)
returns void
language plpgsql volatile
as $$
begin
    insert into workflow_pg.events
           (run_id, seq, event_type, spec_version, codec, created_at, correlation_id, facts, payload)
    select e.run_id, e.seq, e.event_type, p_spec_version, e.codec, e.created_at, e.correlation_id, e.facts,
           case when e.event_type < 'wait_created' then e.payload end
      from unnest(p_entries, p_payloads)
           as e (run_id, place, event_type, correlation_id, facts, codec, occurred_at, pair_place, step_name,
                 due_at, fault, run_status, next_status, attempt, seq, created_at, payload)
     where e.seq is not null;
end;
$$;

comment on function workflow_pg_private.emit_events is
    'Append the events of the entries that have a position; p_payloads has one element for each entry, or is null.';
