-- Several runs, all as they were at one moment.

create or replace function workflow_pg.get_runs(
    p_run_ids        text[],
    p_with_payloads  boolean default true
)
returns setof workflow_pg.run_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select d.*
      from unnest(p_run_ids) with ordinality as u (run_id, place)
      left join lateral workflow_pg_private.run_detail(u.run_id, p_with_payloads, p_with_payloads) as d on true
     order by u.place;
end;
$$;

comment on function workflow_pg.get_runs is
$$Several runs, all of the same moment.

p_run_ids        the runs; one may be there more than once
p_with_payloads  whether to read inputs, outputs and errors
returns          one row for each id, in their order; all of its columns are null when there is no such
                 run. Payloads that were purged are null, and expired_at says so$$;
