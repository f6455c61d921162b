-- One page of the live hooks, of one run.

create or replace function workflow_pg.list_hooks(
    p_run_id  text,
    p_after   text default null,
    p_limit   integer default 100
)
returns setof workflow_pg.hook_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform workflow_pg_private.check_limit(p_limit);

    return query
    select h.run_id, h.hook_id, h.token, h.status, h.spec_version::integer, h.is_webhook, h.is_system, h.created_at,
           null::workflow_pg.payload_codec, null::bytea
      from workflow_pg.hooks as h
     where h.run_id = p_run_id
       and h.hook_id > coalesce(p_after, '')
       and h.status = 'live'
     order by h.hook_id
     limit p_limit;
end;
$$;

comment on function workflow_pg.list_hooks is
$$One page of the live hooks of a run, ordered by id, without metadata.

p_run_id  the run; no row when there is no such run
p_after   hook_id of the last row of the page before; null for the first page
p_limit   1 to 1000 rows
returns   the hooks
raises    WF400 p_limit$$;
