-- One page of the steps of a run, in the order of their ids.

create or replace function workflow_pg.list_steps(
    p_run_id  text,
    p_after   text default null,
    p_limit   integer default 100
)
returns setof workflow_pg.step_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform workflow_pg_private.check_limit(p_limit);

    return query
    select s.run_id, s.step_id, s.step_name, s.status, s.attempt, s.spec_version::integer,
           s.created_at, s.updated_at, s.started_at, s.completed_at, s.retry_after,
           null::workflow_pg.payload_codec, null::bytea,
           null::workflow_pg.payload_codec, null::bytea,
           null::workflow_pg.payload_codec, null::bytea,
           null::bigint
      from workflow_pg.steps as s
     where s.run_id = p_run_id
       and s.step_id > coalesce(p_after, '')
     order by s.step_id
     limit p_limit;
end;
$$;

comment on function workflow_pg.list_steps is
$$One page of the steps of a run, ordered by id, without payloads.

p_run_id  the run; no row when there is no such run
p_after   step_id of the last row of the page before; null for the first page
p_limit   1 to 1000 rows
returns   the steps
raises    WF400 p_limit$$;
