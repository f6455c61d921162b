-- One page of the steps of a run, newest id first, as JSON.

create or replace function workflow_pg.json_list_steps(p_params jsonb)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_page_bytes constant integer := 16777216;
    v_all        constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_run_id     constant text    := workflow_pg_private.wire_run_id(p_params);
    r_page                record;
    v_result              jsonb;
begin
    r_page := workflow_pg_private.wire_page(p_params, 20);

    with head as materialized (
        select s.step_id, s.input_seq, s.outcome_seq, s.error_seq
          from workflow_pg.steps as s
         where s.run_id = v_run_id
           and (r_page.cursor is null or s.step_id < r_page.cursor)
         order by s.step_id desc
         limit r_page.size + 1
    ), placed as (
        select h.step_id, row_number() over w as place, sum(case when v_all then b.bytes end) over w as bytes
          from head as h
         cross join lateral (
                   select sum(octet_length(e.payload)) as bytes
                     from workflow_pg.events as e
                    where e.run_id = v_run_id
                      and e.seq in (h.input_seq, h.outcome_seq, h.error_seq)) as b
        window w as (order by h.step_id desc)
    )
    select jsonb_build_object(
               'data', coalesce(jsonb_agg(workflow_pg_private.wire_step_of(v_run_id, p.step_id, v_all) order by p.place), '[]'),
               'cursor', min(p.step_id),
               'hasMore', count(*) < (select count(*) from head))
      into v_result
      from placed as p
     where p.place = 1
        or p.place <= r_page.size and coalesce(p.bytes, 0) <= c_page_bytes;

    return v_result;
end;
$$;

comment on function workflow_pg.json_list_steps is
$$One page of the steps of a run, the greatest id first, in the JSON of the World protocol.

p_params  {runId, resolveData?, pagination?: {limit?, cursor?}}; limit 1 to 1000, 20 when absent; a
          page also ends before it has over 16 MiB of payloads, but not before its first step
returns   {data, cursor, hasMore}; cursor null when the page is empty
raises    WF400$$;
