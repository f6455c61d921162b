-- One page of the live hooks, of all runs.

create or replace function workflow_pg.list_all_hooks(
    p_after_token    text default null,
    p_limit          integer default 100,
    p_descending     boolean default false,
    p_with_payloads  boolean default false,
    p_cursor         text default null
)
returns setof workflow_pg.hook_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_after constant text := coalesce((workflow_pg_private.read_cursor('tokens', p_cursor))[1], p_after_token);
begin
    perform workflow_pg_private.check_limit(p_limit);

    return query
    select h.run_id, h.hook_id, h.token, h.status, h.spec_version::integer, h.is_webhook, h.is_system, h.created_at,
           t.retained_until, c.codec, c.payload, 'tokens:' || t.token
      from workflow_pg_private.find_tokens(v_after, p_descending, p_limit) with ordinality as t
      join lateral (
               select k.* from workflow_pg.hooks as k
                where k.run_id = t.run_id and k.hook_id = t.hook_id limit 1) as h on true
      left join lateral (
               select e.codec, e.payload from workflow_pg.events as e
                where p_with_payloads and e.run_id = h.run_id and e.seq = h.created_seq limit 1) as c on true
     order by t.ordinality;
end;
$$;

comment on function workflow_pg.list_all_hooks is
$$One page of the live hooks of all runs, ordered by token.

p_after_token    token of the last row of the page before; null for the first page
p_limit          1 to 1000 rows
p_descending     the greatest token first
p_with_payloads  whether to read metadata; its codec is null without
p_cursor         cursor of the last row of the page before, in place of p_after_token
returns          the hooks, each with its cursor
raises           WF400 p_limit, p_cursor$$;
