-- One page of the live hooks, of one run.

create or replace function workflow_pg.list_hooks(
    p_run_id         text,
    p_after          text default null,
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
    v_after constant text := coalesce((workflow_pg_private.read_cursor('hooks', p_cursor))[1], p_after);
begin
    perform workflow_pg_private.check_limit(p_limit);
    if p_with_payloads then
        perform workflow_pg_private.refuse_purged(p_run_id);
    end if;

    return query
    select h.run_id, h.hook_id, h.token, h.status, h.spec_version::integer, h.is_webhook, h.is_system, h.created_at,
           t.retained_until, c.codec, c.payload, 'hooks:' || h.hook_id
      from workflow_pg_private.find_hooks(p_run_id, v_after, p_descending, p_limit) with ordinality as h
      left join lateral (
               select k.retained_until from workflow_pg_private.hook_tokens as k
                where k.run_id = p_run_id and k.retained_until is not null and k.hook_id = h.hook_id limit 1) as t on true
      left join lateral (
               select e.codec, e.payload from workflow_pg.events as e
                where p_with_payloads and e.run_id = h.run_id and e.seq = h.created_seq limit 1) as c on true
     order by h.ordinality;
end;
$$;

comment on function workflow_pg.list_hooks is
$$One page of the live hooks of a run, ordered by id.

p_run_id         the run; no row when there is no such run
p_after          hook_id of the last row of the page before; null for the first page
p_limit          1 to 1000 rows
p_descending     the greatest id first
p_with_payloads  whether to read metadata; its codec is null without
p_cursor         cursor of the last row of the page before, in place of p_after
returns          the hooks, each with its cursor
raises           WF400 p_limit, p_cursor, WF410 payloads are asked for and were purged$$;
