-- What callers are told of the entries of a batch.

create or replace function workflow_pg_private.batch_outcomes(p_entries workflow_pg_private.batch_entry[])
returns setof workflow_pg.append_outcome
language plpgsql immutable
as $$
begin
    return query
    select e.place, coalesce(substr((e.fault).sqlstate, 3)::integer, 200),
           (e.fault).sqlstate, (e.fault).message, (e.fault).detail, (e.fault).hint,
           e.run_id, e.seq, e.event_type, e.correlation_id, e.created_at, e.run_status, e.attempt, null::text
      from unnest(p_entries) as e;
end;
$$;

comment on function workflow_pg_private.batch_outcomes is
    'The outcome of each entry, in their order.';
