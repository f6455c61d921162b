-- One page of the log of a run, as JSON.

create or replace function workflow_pg.json_list_events(p_params jsonb)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all    constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_run_id constant text    := workflow_pg_private.wire_text(p_params, 'runId');
    v_page   constant jsonb   := workflow_pg_private.wire_object('pagination', p_params -> 'pagination');
    v_order  constant text    := coalesce(workflow_pg_private.wire_text(v_page, 'sortOrder'), 'asc');
begin
    if v_run_id is null or v_order not in ('asc', 'desc') then
        perform workflow_pg_private.refuse(
            'WF400', case when v_run_id is null then 'a list of events needs the run id'
                          else format('sortOrder %s is malformed: asc or desc is needed', quote_literal(left(v_order, 60))) end,
            jsonb_build_object('argument', case when v_run_id is null then 'runId' else 'sortOrder' end));
    end if;

    return workflow_pg_private.wire_log(
        v_run_id, workflow_pg_private.wire_text(p_params, 'correlationId'),
        workflow_pg_private.wire_cursor(workflow_pg_private.wire_text(v_page, 'cursor')),
        workflow_pg_private.wire_small(v_page, 'limit', 1000), v_order = 'desc', v_all);
end;
$$;

comment on function workflow_pg.json_list_events is
$$One page of the log of a run, in the JSON of the World protocol. The log only grows at its end: a
page that starts after the last cursor misses nothing.

p_params  {runId, correlationId?, resolveData?, pagination?: {limit?, cursor?, sortOrder?}}; limit 1 to
          1000, 1000 when absent; a page also ends before it has over 16 MiB of payloads, but not
          before its first event; sortOrder asc or desc
returns   {data, cursor, hasMore}; cursor null when the page is empty
raises    WF400$$;
