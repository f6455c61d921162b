-- One event, as JSON.

create or replace function workflow_pg.json_get_event(
    p_run_id    text,
    p_event_id  text,
    p_params    jsonb default null
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all   constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_event constant jsonb   := workflow_pg_private.wire_event_of(
        p_run_id, workflow_pg_private.wire_seq(p_event_id), v_all);
begin
    if v_event is null then
        perform workflow_pg_private.refuse(
            'WF404', format('run %s has no event %s', coalesce(p_run_id, 'null'),
                            coalesce(quote_literal(left(p_event_id, 60)), 'null')),
            jsonb_build_object('entity', 'event', 'id', p_event_id, 'run_id', p_run_id));
    elsif v_all then
        perform workflow_pg_private.refuse_purged(p_run_id);
    end if;

    return v_event;
end;
$$;

comment on function workflow_pg.json_get_event is
$$One event of a run, in the JSON of the World protocol.

p_run_id    the run
p_event_id  the event; its prefix may be another, or missing
p_params    {resolveData?}; null for none
returns     {runId, eventId, eventType, correlationId?, eventData?, specVersion, createdAt, resumeId?}
raises      WF400, WF404 no such event, WF410 payloads are asked for and were purged$$;
