-- One page of the waits of a run, in the order of their ids, as JSON.

create or replace function workflow_pg.json_list_waits(p_params jsonb)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run_id constant text := workflow_pg_private.wire_run_id(p_params);
    r_page            record;
    v_result          jsonb;
begin
    r_page := workflow_pg_private.wire_page(p_params, 100);

    with head as materialized (
        select w.wait_id, row_number() over (order by w.wait_id) as place
          from workflow_pg.waits as w
         where w.run_id = v_run_id
           and w.wait_id > coalesce(r_page.cursor, '')
         order by w.wait_id
         limit r_page.size + 1
    )
    select jsonb_build_object(
               'data', coalesce(jsonb_agg(workflow_pg_private.wire_wait_of(v_run_id, h.wait_id) order by h.place), '[]'),
               'cursor', max(h.wait_id),
               'hasMore', count(*) < (select count(*) from head))
      into v_result
      from head as h
     where h.place <= r_page.size;

    return v_result;
end;
$$;

comment on function workflow_pg.json_list_waits is
$$One page of the waits of a run, in the order of their ids, in the JSON of the World protocol.

p_params  {runId, pagination?: {limit?, cursor?}}; limit 1 to 1000, 100 when absent
returns   {data, cursor, hasMore}; cursor null when the page is empty
raises    WF400$$;
