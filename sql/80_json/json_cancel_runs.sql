-- Cancel many runs, answered as JSON.

create or replace function workflow_pg.json_cancel_runs(p_params jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_params constant jsonb := workflow_pg_private.wire_object('params', p_params);
begin
    return (
        select jsonb_build_object(
                   'summary', jsonb_build_object(
                       'requested', count(*),
                       'cancelled', count(*) filter (where o.outcome = 'cancelled'),
                       'alreadyCancelled', count(*) filter (where o.outcome = 'already_cancelled'),
                       'notCancellable', count(*) filter (where o.outcome = 'not_cancellable'),
                       'notFound', count(*) filter (where o.outcome = 'not_found'),
                       'failed', 0),
                   'results', jsonb_agg(workflow_pg_private.wire_compact(jsonb_build_object(
                       'runId', o.run_id,
                       'outcome', o.outcome,
                       'status', case when o.outcome = 'not_cancellable' then o.run_status end)) order by o.place))
          from workflow_pg.cancel_runs(
                   workflow_pg_private.wire_texts(v_params, 'runIds'),
                   workflow_pg_private.wire_text(v_params, 'cancelReason')) as o);
end;
$$;

comment on function workflow_pg.json_cancel_runs is
$$Cancel many runs, in the JSON of the World protocol.

p_params  {runIds, cancelReason?}: 1 to 500 different runs
returns   {summary: {requested, cancelled, alreadyCancelled, notCancellable, notFound, failed},
          results: [{runId, outcome, status?}]} in their order
raises    WF400, WF422 the reason is too long$$;
