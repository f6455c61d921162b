-- One page of the live hooks, as JSON: of a run by their ids, of all runs by their tokens.

create or replace function workflow_pg.json_list_hooks(p_params jsonb default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_page_bytes constant integer := 16777216;
    v_all        constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_run_id     constant text    := workflow_pg_private.wire_text(p_params, 'runId');
    r_page                record;
    v_result              jsonb;
begin
    r_page := workflow_pg_private.wire_page(p_params, 100);

    with head as materialized (
        (select h.run_id, h.hook_id, h.created_seq, h.hook_id as key
           from workflow_pg.hooks as h
          where h.run_id = v_run_id
            and h.status = 'live'
            and h.hook_id > coalesce(r_page.cursor, '')
          order by h.hook_id
          limit r_page.size + 1)
         union all
        (select h.run_id, h.hook_id, h.created_seq, t.token
           from workflow_pg_private.hook_tokens as t
           join workflow_pg.hooks as h on h.run_id = t.run_id and h.hook_id = t.hook_id
          where v_run_id is null
            and t.token > coalesce(r_page.cursor, '')
          order by t.token
          limit r_page.size + 1)
    ), placed as (
        select h.run_id, h.hook_id, h.key, row_number() over w as place,
               sum(case when v_all then octet_length(e.payload) end) over w as bytes
          from head as h
          join workflow_pg.events as e on e.run_id = h.run_id and e.seq = h.created_seq
        window w as (order by h.key)
    )
    select jsonb_build_object(
               'data', coalesce(jsonb_agg(workflow_pg_private.wire_hook_of(p.run_id, p.hook_id, v_all) order by p.place), '[]'),
               'cursor', max(p.key),
               'hasMore', count(*) < (select count(*) from head))
      into v_result
      from placed as p
     where p.place = 1
        or p.place <= r_page.size and coalesce(p.bytes, 0) <= c_page_bytes;

    return v_result;
end;
$$;

comment on function workflow_pg.json_list_hooks is
$$One page of the live hooks, in the JSON of the World protocol: of a run in the order of their ids,
without runId of all runs in the order of their tokens.

p_params  {runId?, resolveData?, pagination?: {limit?, cursor?}}; limit 1 to 1000, 100 when absent; a
          page also ends before it has over 16 MiB of metadata, but not before its first hook; null
          for none
returns   {data, cursor, hasMore}; cursor null when the page is empty
raises    WF400$$;
