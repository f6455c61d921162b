-- The outcomes of a batch that was made before: what survived is read back from the log,
-- what was rejected was kept with the key.
--
-- One walk over the log counts the attempts of all steps.

create or replace function workflow_pg_private.repeated_batch(
    p_key     workflow_pg_private.append_keys,
    p_length  integer
)
returns setof workflow_pg.append_outcome
language plpgsql stable
as $$
declare
    v_places    integer[];
    v_attempts  integer[];
begin
    select array_agg(s.place order by s.place)
      into v_places
      from (select generate_series(1, p_length)
            except
            select (r.outcome ->> 'place')::integer
              from jsonb_array_elements(p_key.rejected) as r (outcome)) as s (place);

    select array_agg(case when a.event_type between 'step_created' and 'step_failed' then a.starts end order by a.seq)
      into v_attempts
      from (select e.seq, e.event_type,
                   count(*) filter (where e.event_type = 'step_started')
                       over (partition by e.correlation_id order by e.seq)::integer as starts
              from workflow_pg.events as e
             where e.run_id = p_key.run_id
               and e.seq < p_key.seq + cardinality(v_places)) as a
     where a.seq >= p_key.seq;

    return query
    select o.*
      from jsonb_populate_recordset(null::workflow_pg.append_outcome, p_key.rejected) as o
     union all
    select s.place, 200, null, null, null::jsonb, null,
           e.run_id, e.seq, e.event_type, e.correlation_id, e.created_at, r.status, s.attempt, null
      from unnest(v_places, v_attempts) with ordinality as s (place, attempt, nth)
      join workflow_pg.runs as r on r.run_id = p_key.run_id
     cross join lateral (
           select e.* from workflow_pg.events as e
            where e.run_id = p_key.run_id and e.seq = p_key.seq + s.nth - 1 limit 1) as e
     order by 1;
end;
$$;

comment on function workflow_pg_private.repeated_batch is
    'The outcomes of a batch of p_length entries under a key that was kept, with the run''s status as it is now for those that were appended.';
