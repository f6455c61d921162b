-- One page of the live hooks, as JSON: of a run by their ids, of all runs by their tokens.

create or replace function workflow_pg.json_list_hooks(p_params jsonb default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all constant boolean := workflow_pg_private.wire_resolve(p_params);
    r_page         record;
    r_cut          record;
    v_hooks        workflow_pg.hook_detail[];
    v_bytes        bigint[];
begin
    r_page := workflow_pg_private.wire_page(p_params, 100, 'asc');

    select array_agg((l.run_id, l.hook_id, l.token, l.status, l.spec_version, l.is_webhook, l.is_system, l.created_at,
                      l.token_retention_until, l.metadata_codec, l.metadata, l.cursor)::workflow_pg.hook_detail order by l.ordinality),
           array_agg(case when v_all then workflow_pg_private.wire_hook_bytes(l.run_id, l.hook_id) end
                     order by l.ordinality)
      into v_hooks, v_bytes
      from workflow_pg_private.wire_live_hooks(
               workflow_pg_private.wire_text(p_params, 'runId'), least(r_page.size + 1, 1000),
               r_page.is_descending, r_page.cursor) with ordinality as l;

    r_cut := workflow_pg_private.wire_cut(v_bytes, r_page.size);
    return jsonb_build_object(
        'data', (select coalesce(jsonb_agg(workflow_pg_private.wire_hook_of(u.run_id, u.hook_id, v_all) order by u.ordinality), '[]')
                   from unnest(v_hooks[1:r_cut.fitting]) with ordinality as u),
        'cursor', (v_hooks[r_cut.fitting]).cursor,
        'hasMore', r_cut.has_more);
end;
$$;

comment on function workflow_pg.json_list_hooks is
$$One page of the live hooks, in the JSON of the World protocol: of a run in the order of their ids,
without runId of all runs in the order of their tokens.

p_params  {runId?, resolveData?, pagination?: {limit?, cursor?, sortOrder?}}; limit 1 to 1000, 100 when
          absent; a page also ends before it has over 16 MiB of metadata, but not before its first
          hook; null for none
returns   {data, cursor, hasMore}; cursor null when the page is empty
raises    WF400$$;
