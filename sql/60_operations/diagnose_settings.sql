-- Settings without which the promises do not hold.

create or replace function workflow_pg_private.diagnose_settings()
returns setof workflow_pg.finding
language plpgsql stable
as $$
begin
    return query
    select s.name,
           case when c.value = 'off' then s.severity else 'ok' end::workflow_pg.severity,
           case when c.value = 'off' then format('%s is off: %s', s.name, s.cost)
                else format('%s is %s', s.name, c.value) end,
           case when c.value = 'off' then format('Set %s to on.', s.name) end,
           jsonb_build_object('value', c.value)
      from (values (1, 'fsync', 'problem', 'a crash of the machine may destroy the database'),
                   (2, 'full_page_writes', 'problem', 'a crash of the machine may destroy pages'),
                   (3, 'synchronous_commit', 'warning',
                    'a crash of the server may undo what it has acknowledged in the last second'),
                   (4, 'autovacuum', 'problem', 'dead rows are never cleaned away, and the queue gets slow'),
                   (5, 'track_counts', 'problem', 'autovacuum does not learn where dead rows are')
           ) as s (place, name, severity, cost)
     cross join lateral current_setting(s.name) as c (value)
     order by s.place;
end;
$$;

comment on function workflow_pg_private.diagnose_settings is
    'Findings fsync, full_page_writes, synchronous_commit, autovacuum, track_counts, as this session sees them.';
