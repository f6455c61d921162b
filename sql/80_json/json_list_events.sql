-- One page of the log of a run, as JSON.

create or replace function workflow_pg.json_list_events(p_params jsonb)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all    constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_run_id constant text    := workflow_pg_private.wire_run_id(p_params);
    r_page            record;
begin
    if v_all then
        perform workflow_pg_private.refuse_purged(v_run_id);
    end if;

    r_page := workflow_pg_private.wire_page(p_params, 1000, 'asc');
    return workflow_pg_private.wire_log(
        v_run_id, workflow_pg_private.wire_text(p_params, 'correlationId'),
        (workflow_pg_private.read_cursor('events', r_page.cursor))[1]::bigint, null, r_page.size, r_page.is_descending, v_all);
end;
$$;

comment on function workflow_pg.json_list_events is
$$One page of the log of a run, in the JSON of the World protocol. The log only grows at its end: a
page that starts after the last cursor misses nothing.

p_params  {runId, correlationId?, resolveData?, pagination?: {limit?, cursor?, sortOrder?}}; limit 1 to
          1000, 1000 when absent; a page also ends before it has over 16 MiB of payloads, but not
          before its first event; sortOrder asc or desc
returns   {data, cursor, hasMore}; cursor null when the page is empty
raises    WF400, WF410 payloads are asked for and were purged$$;
