-- The door for callers who have many events of a run as JSON.
--
-- Nothing is decided here: append_events does.

create or replace function workflow_pg.json_create_events(
    p_run_id  text,
    p_events  jsonb,
    p_params  jsonb default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all  constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_echo constant boolean := workflow_pg_private.wire_flag(p_params, 'echo', true);
    r_batch         record;
    v_outcomes      workflow_pg.append_outcome[];
begin
    r_batch    := workflow_pg_private.wire_requests(p_events);
    v_outcomes := array(
        select o
          from workflow_pg.append_events(
                   p_run_id, r_batch.event_types, r_batch.correlation_ids, r_batch.facts, r_batch.payloads,
                   r_batch.codecs, r_batch.occurred_at, coalesce(r_batch.spec_version, 7),
                   workflow_pg_private.wire_text(p_params, 'dedupKey'),
                   workflow_pg_private.wire_uuid(p_params, 'leaseToken'),
                   workflow_pg_private.wire_flag(p_params, 'wake', true),
                   workflow_pg_private.wire_flag(p_params, 'allOrNothing', false),
                   workflow_pg_private.wire_seconds(p_params, 'holdSeconds', 3600)) as o);

    -- In a statement of its own, which sees what was written.
    return jsonb_build_object('results', (
        select coalesce(jsonb_agg(workflow_pg_private.wire_outcome(o, v_all, v_echo) order by o.place), '[]')
          from unnest(v_outcomes) as o));
end;
$$;

comment on function workflow_pg.json_create_events is
$$Append several events of one run in one call, in the JSON of the World protocol: docs/json-door.md.
Entries that the state rejects are reported, the others commit together.

p_run_id  the run
p_events  an array of {event: {eventType, correlationId?, eventData?, specVersion?}, occurredAt?}; one
          specVersion for all
p_params  {resolveData?, echo?, leaseToken?, wake?, dedupKey?, allOrNothing?, holdSeconds?}; null for
          none
returns   {results}: for each entry {status: 200, event, run?, step?, wait?}, or {status, error,
          message, detail}
raises    WF400 a malformed part, or no batch, and what append_events raises$$;
