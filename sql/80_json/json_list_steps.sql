-- One page of the steps of a run, greatest id first, as JSON.

create or replace function workflow_pg.json_list_steps(p_params jsonb)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all    constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_run_id constant text    := workflow_pg_private.wire_run_id(p_params);
    r_page            record;
    r_cut             record;
    v_ids             text[];
    v_cursors         text[];
    v_bytes           bigint[];
begin
    if v_all then
        perform workflow_pg_private.refuse_purged(v_run_id);
    end if;

    r_page := workflow_pg_private.wire_page(p_params, 20, 'desc');

    select array_agg(l.step_id order by l.ordinality), array_agg(l.cursor order by l.ordinality),
           array_agg(case when v_all then workflow_pg_private.wire_step_bytes(v_run_id, l.step_id) end
                     order by l.ordinality)
      into v_ids, v_cursors, v_bytes
      from workflow_pg.list_steps(
               v_run_id, null, least(r_page.size + 1, 1000), r_page.is_descending, false, r_page.cursor)
           with ordinality as l;

    r_cut := workflow_pg_private.wire_cut(v_bytes, r_page.size);
    return jsonb_build_object(
        'data', (select coalesce(jsonb_agg(workflow_pg_private.wire_step_of(v_run_id, u.step_id, v_all) order by u.place), '[]')
                   from unnest(v_ids[1:r_cut.fitting]) with ordinality as u (step_id, place)),
        'cursor', v_cursors[r_cut.fitting],
        'hasMore', r_cut.has_more);
end;
$$;

comment on function workflow_pg.json_list_steps is
$$One page of the steps of a run, the greatest id first, in the JSON of the World protocol.

p_params  {runId, resolveData?, pagination?: {limit?, cursor?, sortOrder?}}; limit 1 to 1000, 20 when
          absent; a page also ends before it has over 16 MiB of payloads, but not before its first
          step
returns   {data, cursor, hasMore}; cursor null when the page is empty
raises    WF400, WF410 payloads are asked for and were purged$$;
