-- One page of the live hooks, of all runs.

create or replace function workflow_pg.list_all_hooks(
    p_after_token  text default null,
    p_limit        integer default 100
)
returns setof workflow_pg.hook_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform workflow_pg_private.check_limit(p_limit);

    -- A live hook has its row here, and no other hook has.
    return query
    select h.run_id, h.hook_id, h.token, h.status, h.spec_version::integer, h.is_webhook, h.is_system, h.created_at,
           null::workflow_pg.payload_codec, null::bytea
      from workflow_pg_private.hook_tokens as t
      join workflow_pg.hooks as h on h.run_id = t.run_id and h.hook_id = t.hook_id
     where t.token > coalesce(p_after_token, '')
     order by t.token
     limit p_limit;
end;
$$;

comment on function workflow_pg.list_all_hooks is
$$One page of the live hooks of all runs, ordered by token, without metadata.

p_after_token  token of the last row of the page before; null for the first page
p_limit        1 to 1000 rows
returns        the hooks
raises         WF400 p_limit$$;
