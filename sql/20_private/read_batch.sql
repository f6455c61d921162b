-- The entries of a batch as data: what they ask for, and what is wrong with that.
--
-- The arrays are unnested side by side and never joined: of two sets of ten thousand
-- that the planner takes for ten, a join may compare each with each.

create or replace function workflow_pg_private.read_batch(
    p_run_id           text,
    p_event_types      text[],
    p_correlation_ids  text[],
    p_facts            jsonb[],
    p_payloads         bytea[],
    p_codecs           workflow_pg.payload_codec[],
    p_occurred_at      timestamptz[]
)
returns workflow_pg_private.batch_entry[]
language plpgsql stable
as $$
declare
    v_entries workflow_pg_private.batch_entry[];
begin
    with request as (
        select u.place::integer as place, u.event_type::workflow_pg.event_type as event_type,
               case when u.event_type not like 'run%' then u.correlation_id end as correlation_id,
               u.facts, u.occurred_at,
               -- The verbs of the others take no payload and look at none.
               case when p_codecs is null or u.event_type like 'wait%' or u.event_type = 'step_started'
                    then 'opaque' else u.codec end as codec,
               case when u.event_type not like 'wait%' then u.payload end as payload
          from unnest(p_event_types, p_correlation_ids, p_facts, p_payloads, p_codecs, p_occurred_at)
               with ordinality as u (event_type, correlation_id, facts, payload, codec, occurred_at, place)
    ), examined as materialized (
        select r.*, workflow_pg_private.entry_fault(r.event_type, r.correlation_id, r.facts, r.codec, r.payload) as fault
          from request as r
    ), timed as materialized (
        select e.*,
               case when (e.fault).sqlstate is not null then null
                    when e.event_type = 'wait_created' then (e.facts ->> 'resumeAt')::timestamptz
                    when e.event_type = 'step_retrying' then (e.facts ->> 'retryAfter')::timestamptz end as due_at
          from examined as e
    )
    select array_agg((p_run_id, t.place, t.event_type, t.correlation_id,
                      workflow_pg_private.event_facts(t.event_type, t.facts, t.due_at),
                      t.codec, t.occurred_at, null, t.facts ->> 'stepName', t.due_at,
                      t.fault, null, null, null, null, null)::workflow_pg_private.batch_entry
                     order by t.place)
      into v_entries
      from timed as t;

    if array['step_created', 'step_started'] <@ p_event_types then
        return workflow_pg_private.pair_batch(v_entries);
    end if;

    return coalesce(v_entries, '{}');
end;
$$;

comment on function workflow_pg_private.read_batch is
    'The entries of a batch that check_batch has passed, with the faults of their arguments, in the order of the request.';
