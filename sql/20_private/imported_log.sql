-- The log that an imported run gets: dense, in its old order, with times that never go back.

create or replace function workflow_pg_private.imported_log(p_document jsonb)
returns workflow_pg_private.imported_event[]
language plpgsql stable
as $$
declare
    v_given    constant workflow_pg_private.imported_event[] := array(
        select g from workflow_pg_private.given_events(p_document) as g);
    v_changes  constant jsonb := workflow_pg_private.made_attributes(p_document, v_given);
    v_log               workflow_pg_private.imported_event[];
begin
    with found as (
        select g.* from unnest(v_given) as g
         union all
        select m.* from workflow_pg_private.made_events(p_document, v_given) as m
         union all
        select 1e12 + 0.4, null, 'attr_set', null, (p_document #>> '{run,updated_at}')::timestamptz,
               (p_document #>> '{run,spec_version}')::integer,
               jsonb_build_object('changes', v_changes, 'writer', jsonb_build_object('type', 'api')),
               'opaque', null, null, true, 'attributes were set there without an event', null
         where v_changes is not null
    ), kept as (
        select f.*, f.note is null or f.is_made as is_kept
          from found as f
    ), numbered as (
        select k.*,
               row_number() over (partition by k.is_kept order by k.place, k.event_id, k.correlation_id) as nth,
               max(date_trunc('milliseconds', k.created_at)) filter (where k.is_kept)
                   over (order by k.place, k.event_id, k.correlation_id) as its_time,
               row_number() over (partition by k.event_type, k.correlation_id, k.is_kept order by k.place) as attempt
          from kept as k
    )
    select array_agg((n.place, n.event_id, n.event_type, n.correlation_id, n.its_time, n.spec_version,
                      case when n.event_type = 'step_started'
                           then coalesce(n.facts, '{}') || jsonb_build_object('attempt', n.attempt)
                           else n.facts end,
                      n.codec, n.payload_at, n.error_text, n.is_made, n.note,
                      case when n.is_kept then n.nth end)::workflow_pg_private.imported_event
                     order by n.place, n.event_id, n.correlation_id)
      into v_log
      from numbered as n;

    return v_log;
end;
$$;

comment on function workflow_pg_private.imported_log is
    'All events of an import document with their positions, and those that are left out without one.';
