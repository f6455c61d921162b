-- Take the entries of a batch apart.

create or replace function workflow_pg_private.wire_requests(
    p_events  jsonb,
    out event_types      text[],
    out correlation_ids  text[],
    out facts            jsonb[],
    out payloads         bytea[],
    out codecs           workflow_pg.payload_codec[],
    out occurred_at      timestamptz[],
    out spec_version     integer
)
returns record
language plpgsql stable
as $$
declare
    v_oldest integer;
begin
    select coalesce(array_agg(r.event_type order by e.place), '{}'),
           coalesce(array_agg(r.correlation_id order by e.place), '{}'),
           coalesce(array_agg(r.facts order by e.place), '{}'),
           coalesce(array_agg(r.payload order by e.place), '{}'),
           coalesce(array_agg(r.codec order by e.place), '{}'),
           coalesce(array_agg(workflow_pg_private.fact_time(t.facts, 'occurredAt') order by e.place), '{}'),
           max(r.spec_version), min(r.spec_version)
      into event_types, correlation_ids, facts, payloads, codecs, occurred_at, spec_version, v_oldest
      from jsonb_array_elements(workflow_pg_private.wire_object('events', p_events, 'array'))
           with ordinality as e (value, place)
     cross join lateral workflow_pg_private.wire_request(
                    workflow_pg_private.wire_object('entry', e.value) -> 'event', null, null) as r
     cross join lateral (
               select jsonb_build_object('occurredAt', workflow_pg_private.wire_time(
                          coalesce(e.value -> 'occurredAt', e.value #> '{event,occurredAt}'), 'occurredAt')) as facts) as t;

    if spec_version <> v_oldest then
        perform workflow_pg_private.refuse(
            'WF400', format('the events of a batch have one specVersion, not %s and %s', v_oldest, spec_version),
            jsonb_build_object('argument', 'specVersion'));
    end if;
end;
$$;

comment on function workflow_pg_private.wire_requests is
    'The entries [{event, occurredAt?}, ...] as the arrays that append_events takes; spec_version null when there are none. Raises WF400.';
