-- One page of the waits of a run, in the order of their ids, as JSON.

create or replace function workflow_pg.json_list_waits(p_params jsonb)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run_id constant text := workflow_pg_private.wire_run_id(p_params);
    r_page            record;
    r_cut             record;
    v_ids             text[];
    v_cursors         text[];
    v_bytes           bigint[];
begin
    r_page := workflow_pg_private.wire_page(p_params, 100, 'asc');

    select array_agg(l.wait_id order by l.ordinality), array_agg(l.cursor order by l.ordinality),
           array_agg(null::bigint)
      into v_ids, v_cursors, v_bytes
      from workflow_pg.list_waits(v_run_id, least(r_page.size + 1, 1000), r_page.is_descending, r_page.cursor)
           with ordinality as l;

    r_cut := workflow_pg_private.wire_cut(v_bytes, r_page.size);
    return jsonb_build_object(
        'data', (select coalesce(jsonb_agg(workflow_pg_private.wire_wait_of(v_run_id, u.wait_id) order by u.place), '[]')
                   from unnest(v_ids[1:r_cut.fitting]) with ordinality as u (wait_id, place)),
        'cursor', v_cursors[r_cut.fitting],
        'hasMore', r_cut.has_more);
end;
$$;

comment on function workflow_pg.json_list_waits is
$$One page of the waits of a run, in the order of their ids, in the JSON of the World protocol.

p_params  {runId, pagination?: {limit?, cursor?, sortOrder?}}; limit 1 to 1000, 100 when absent
returns   {data, cursor, hasMore}; cursor null when the page is empty
raises    WF400$$;
