-- Is this a batch? What is not is refused whole, whatever its other entries are.
--
-- An event that creates, starts or cancels a run, or that is about a hook or attributes,
-- needs a call of its own. So does a second event about the same entity, because all
-- entries are decided at once. The one pair that is allowed makes a step born running.

create or replace function workflow_pg_private.check_batch(
    p_run_id           text,
    p_event_types      text[],
    p_correlation_ids  text[],
    p_payloads         bytea[],
    p_lengths          integer[]
)
returns void
language plpgsql immutable
as $$
declare
    c_legal constant text[] := array['step_created', 'step_started', 'step_retrying', 'step_completed', 'step_failed',
                                     'wait_created', 'wait_completed', 'run_completed', 'run_failed'];
    r_fault record;
begin
    if p_run_id is null or p_event_types is null then
        perform workflow_pg_private.refuse(
            'WF400', format('a batch needs %s', case when p_run_id is null then 'a run id' else 'event types' end),
            jsonb_build_object('argument', case when p_run_id is null then 'run id' else 'event types' end));
    elsif cardinality(p_event_types) <> any (p_lengths) then
        perform workflow_pg_private.refuse(
            'WF400', 'the arrays of a batch have different lengths: one element for each event is needed in each of them',
            jsonb_build_object('argument', 'event types', 'length', cardinality(p_event_types)));
    end if;

    select u.place, u.event_type,
           u.event_type = 'step_started' and u.payload is not null as has_input
      into r_fault
      from unnest(p_event_types, p_payloads) with ordinality as u (event_type, payload, place)
     where u.event_type is null
        or u.event_type <> all (c_legal)
        or u.event_type = 'step_started' and u.payload is not null
     order by u.place
     limit 1;

    if found then
        perform workflow_pg_private.refuse(
            'WF400',
            case when r_fault.has_input
                 then format('entry %s of the batch, step_started, has an input: it belongs to step_created', r_fault.place)
                 else format('entry %s of the batch, %s, is not allowed in a batch', r_fault.place,
                             coalesce(quote_literal(left(r_fault.event_type, 60)), 'null')) end,
            jsonb_build_object('argument', 'event types', 'place', r_fault.place, 'value', left(r_fault.event_type, 60)),
            'The comment on append_events names what a batch may have; append_event takes the others.');
    end if;

    perform workflow_pg_private.check_pairs(p_event_types, p_correlation_ids);
end;
$$;

comment on function workflow_pg_private.check_batch is
    'Raises WF400 when the arrays do not fit together (p_lengths: of the others), or an entry is illegal in a batch.';
