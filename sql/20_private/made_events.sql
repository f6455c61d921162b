-- The events that an imported run lacks, though its rows say that they happened.
--
-- The other database moves an entity in one transaction and records it in another, so a
-- crash between them has left rows without their event; and before there was a log of
-- everything, only rows knew inputs and outcomes. A creation is put before the first
-- event of its entity, an outcome last.

create or replace function workflow_pg_private.made_events(
    p_document  jsonb,
    p_given     workflow_pg_private.imported_event[]
)
returns setof workflow_pg_private.imported_event
language plpgsql stable
as $$
declare
    c_last constant numeric := 1e12;
begin
    return query
    with known as materialized (
        select coalesce(g.correlation_id, '') as id, min(g.place) as place,
               array_agg(distinct case when g.event_type in ('run_completed', 'run_failed', 'run_cancelled') then 'run_end'
                                       when g.event_type in ('step_completed', 'step_failed') then 'step_end'
                                       when g.event_type = 'hook_conflict' then 'hook_created'
                                       else g.event_type::text end) as classes,
               bool_or(g.event_type in ('step_retrying', 'step_failed')) as has_error
          from unnest(p_given) as g
         where g.note is null
         group by g.correlation_id
    )
    select case when n.place < 0 then coalesce(k.place, c_last) + n.place else n.place end, null::text,
           n.label::workflow_pg.event_type, n.correlation_id, coalesce(n.created_at, r.created_at), r.spec_version,
           nullif(jsonb_strip_nulls(n.facts), '{}'), coalesce(n.payload ->> 'codec', 'opaque')::workflow_pg.payload_codec,
           (n.payload ->> 'at')::integer, n.error_text, true,
           case when r.spec_version > 1 then format('%s is missing there; made after the row', n.label) end, null::bigint
      from workflow_pg_private.told_events(p_document, p_given) as n
     cross join jsonb_to_record(p_document -> 'run') as r (spec_version integer, created_at timestamptz)
      left join known as k on k.id = coalesce(n.correlation_id, '')
     where (n.class = any (k.classes)) is not true
       and not (n.class = 'step_error' and k.has_error is true);
end;
$$;

comment on function workflow_pg_private.made_events is
    'What has to be added to the events of an import document, so that its entities follow from its log.';
