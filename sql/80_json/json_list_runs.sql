-- One page of the runs, newest first, as JSON.

create or replace function workflow_pg.json_list_runs(p_params jsonb default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all constant boolean := workflow_pg_private.wire_resolve(p_params);
    r_page         record;
    r_cut          record;
    v_ids          text[];
    v_cursors      text[];
    v_bytes        bigint[];
begin
    r_page := workflow_pg_private.wire_page(p_params, 20, 'desc');

    select array_agg(l.run_id order by l.ordinality), array_agg(l.cursor order by l.ordinality),
           array_agg(case when v_all then workflow_pg_private.wire_run_bytes(l.run_id) end order by l.ordinality)
      into v_ids, v_cursors, v_bytes
      from workflow_pg.list_runs(
               p_workflow_name => workflow_pg_private.wire_text(p_params, 'workflowName'),
               p_deployment_id => workflow_pg_private.wire_text(p_params, 'deploymentId'),
               p_attributes => workflow_pg_private.wire_object('attributes', p_params -> 'attributes'),
               p_limit => least(r_page.size + 1, 1000),
               p_statuses => workflow_pg_private.wire_statuses(p_params),
               p_ascending => not r_page.is_descending,
               p_cursor => r_page.cursor) with ordinality as l;

    r_cut := workflow_pg_private.wire_cut(v_bytes, r_page.size);
    return jsonb_build_object(
        'data', (select coalesce(jsonb_agg(workflow_pg_private.wire_run_of(u.run_id, v_all) order by u.place), '[]')
                   from unnest(v_ids[1:r_cut.fitting]) with ordinality as u (run_id, place)),
        'cursor', v_cursors[r_cut.fitting],
        'hasMore', r_cut.has_more);
end;
$$;

comment on function workflow_pg.json_list_runs is
$$One page of the runs, newest first, in the JSON of the World protocol.

p_params  {workflowName?, status?, deploymentId?, attributes?, resolveData?, pagination?: {limit?,
          cursor?, sortOrder?}}; status is one or an array, of none: no run; limit 1 to 1000, 20 when
          absent; a page also ends before it has over 16 MiB of payloads, but not before its first
          run; null for none
returns   {data, cursor, hasMore}; cursor null when the page is empty
raises    WF400$$;
