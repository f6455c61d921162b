-- The events of a run that is imported, as its log has them there.
--
-- What can happen only once, and is there twice, is left out the second time: the log of
-- the other database has no lock that would forbid it, and replays ignore the repeat. Of
-- two ends the one that the row tells of is kept.

create or replace function workflow_pg_private.given_events(p_document jsonb)
returns setof workflow_pg_private.imported_event
language plpgsql stable
as $$
begin
    return query
    with given as (
        select e.*, t.label, h.metadata, case when h.hook_id is not null then jsonb_build_object('token', h.token) end as hook_facts,
               case when t.label in ('run_completed', 'run_failed', 'run_cancelled') then 'run_end'
                    when t.label in ('step_completed', 'step_failed') then 'step_end'
                    when t.label = 'hook_conflict' then 'hook_created'
                    when t.label in ('step_started', 'step_retrying', 'hook_received') then null
                    when t.label = 'attr_set' and e.correlation_id is null then null
                    else e.type end as class,
               t.label in ('run_completed', 'run_failed', 'run_cancelled', 'step_completed', 'step_failed')
                   and e.type <> 'run_' || (p_document #>> '{run,status}')
                   and e.type is distinct from 'step_' || s.status as is_other_end
          from rows from (jsonb_to_recordset(p_document -> 'events')
                          as (id text, type text, correlation_id text, created_at timestamptz,
                              spec_version integer, facts jsonb, codec text, payload_at integer))
               with ordinality as e (id, type, correlation_id, created_at, spec_version, facts, codec, payload_at, place)
          left join unnest(enum_range(null::workflow_pg.event_type)) as t (label) on t.label::text = e.type
          left join jsonb_to_recordset(p_document -> 'steps') as s (step_id text, status text)
            on s.step_id = e.correlation_id
          -- Before there was a log of everything, this event told nothing.
          left join jsonb_to_recordset(p_document -> 'hooks') as h (hook_id text, token text, metadata jsonb)
            on h.hook_id = e.correlation_id and e.type = 'hook_created' and e.facts is null
    ), ranked as (
        select g.*, case when g.class is not null then row_number() over (
                        partition by g.class, g.correlation_id order by g.is_other_end, g.place) end as nth
          from given as g
    )
    select case when r.label = 'run_created' then 0 else r.place end::numeric, r.id, r.label, r.correlation_id, r.created_at,
           greatest(r.spec_version, 1), coalesce(r.facts, r.hook_facts),
           coalesce(r.codec, r.metadata ->> 'codec', 'opaque')::workflow_pg.payload_codec,
           coalesce(r.payload_at, (r.metadata ->> 'at')::integer),
           null::text, false,
           case when r.label is null then format('events of type %s are not taken', r.type)
                when r.nth > 1 then format('another %s is not taken: it had happened before', r.type) end,
           null::bigint
      from ranked as r;
end;
$$;

comment on function workflow_pg_private.given_events is
    'The events of an import document in their order; note is set for those that are left out.';
