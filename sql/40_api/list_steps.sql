-- One page of the steps of a run, in the order of their ids.
--
-- Payloads are looked up row by row: joined, a plan may read all of the events.

create or replace function workflow_pg.list_steps(
    p_run_id         text,
    p_after          text default null,
    p_limit          integer default 100,
    p_descending     boolean default false,
    p_with_payloads  boolean default false,
    p_cursor         text default null
)
returns setof workflow_pg.step_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_after constant text := coalesce((workflow_pg_private.read_cursor('steps', p_cursor))[1], p_after);
begin
    perform workflow_pg_private.check_limit(p_limit);
    if p_with_payloads then
        perform workflow_pg_private.refuse_purged(p_run_id);
    end if;

    return query
    select s.run_id, s.step_id, s.step_name, s.status, s.attempt, s.spec_version::integer,
           s.created_at, s.updated_at, s.started_at, s.completed_at, s.retry_after,
           i.codec, i.payload,
           case when s.status = 'completed' then o.codec end, case when s.status = 'completed' then o.payload end,
           f.codec, f.payload,
           null::bigint, 'steps:' || s.step_id
      from workflow_pg_private.find_steps(p_run_id, v_after, p_descending, p_limit) with ordinality as s
      left join lateral (
               select e.codec, e.payload from workflow_pg.events as e
                where p_with_payloads and e.run_id = s.run_id and e.seq = s.input_seq limit 1) as i on true
      left join lateral (
               select e.codec, e.payload from workflow_pg.events as e
                where p_with_payloads and e.run_id = s.run_id and e.seq = s.outcome_seq limit 1) as o on true
      left join lateral (
               select e.codec, e.payload from workflow_pg.events as e
                where p_with_payloads and e.run_id = s.run_id and e.seq = s.error_seq limit 1) as f on true
     order by s.ordinality;
end;
$$;

comment on function workflow_pg.list_steps is
$$One page of the steps of a run, ordered by id.

p_run_id         the run; no row when there is no such run
p_after          step_id of the last row of the page before; null for the first page
p_limit          1 to 1000 rows
p_descending     the greatest id first
p_with_payloads  whether to read inputs, results and errors; their codecs are null without
p_cursor         cursor of the last row of the page before, in place of p_after
returns          the steps, each with its cursor
raises           WF400 p_limit, p_cursor, WF410 payloads are asked for and were purged$$;
