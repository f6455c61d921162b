-- One page of the runs, newest first, as JSON.
--
-- The lengths of payloads are known without reading them: a page is cut before any is read.

create or replace function workflow_pg.json_list_runs(p_params jsonb default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_page_bytes constant integer := 16777216;
    v_all        constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_wanted     constant jsonb   := workflow_pg_private.wire_object('attributes', p_params -> 'attributes');
    r_page                record;
    r_after               record;
    v_result              jsonb;
begin
    r_page  := workflow_pg_private.wire_page(p_params, 20);
    r_after := workflow_pg_private.wire_run_cursor(r_page.cursor);
    perform workflow_pg_private.check_attribute_map(v_wanted);

    with head as materialized (
        select r.*
          from unnest(workflow_pg_private.wire_statuses(p_params)) as s (status)
         cross join lateral workflow_pg_private.find_runs(
                        s.status, workflow_pg_private.wire_text(p_params, 'workflowName'),
                        workflow_pg_private.wire_text(p_params, 'deploymentId'), false, v_wanted,
                        r_page.size + 1, r_after.created_at, r_after.run_id) as r
         order by r.created_at desc, r.run_id desc
         limit r_page.size + 1
    ), placed as (
        select h.run_id, h.created_at, row_number() over w as place,
               sum(case when v_all then b.bytes end) over w as bytes
          from head as h
         cross join lateral (
                   select sum(octet_length(e.payload)) as bytes
                     from workflow_pg.events as e
                    where e.run_id = h.run_id
                      and e.seq in (1, h.outcome_seq)) as b
        window w as (order by h.created_at desc, h.run_id desc)
    )
    select jsonb_build_object(
               'data', coalesce(jsonb_agg(workflow_pg_private.wire_run_of(p.run_id, v_all) order by p.place), '[]'),
               'cursor', (array_agg(workflow_pg_private.iso_time(p.created_at) || '/' || p.run_id order by p.place desc))[1],
               'hasMore', count(*) < (select count(*) from head))
      into v_result
      from placed as p
     where p.place = 1
        or p.place <= r_page.size and coalesce(p.bytes, 0) <= c_page_bytes;

    return v_result;
end;
$$;

comment on function workflow_pg.json_list_runs is
$$One page of the runs, newest first, in the JSON of the World protocol.

p_params  {workflowName?, status?, deploymentId?, attributes?, resolveData?, pagination?: {limit?,
          cursor?}}; status is one or an array, of none: no run; limit 1 to 1000, 20 when absent; a
          page also ends before it has over 16 MiB of payloads, but not before its first run; null
          for none
returns   {data, cursor, hasMore}; cursor null when the page is empty
raises    WF400$$;
