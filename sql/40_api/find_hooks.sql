-- The live hooks of one page of a list.

create or replace function workflow_pg_private.find_hooks(
    p_run_id      text,
    p_after       text,
    p_descending  boolean,
    p_limit       integer
)
returns setof workflow_pg.hooks
language plpgsql stable
as $$
declare
    -- Hooks of a run that is over, whose time is over too. Most runs have none.
    v_gone constant text[] := array(
        select t.hook_id
          from workflow_pg_private.hook_tokens as t
         where t.run_id = p_run_id
           and t.retained_until is not null
           and workflow_pg_private.has_let_go(t, workflow_pg_private.clock()));
begin
    if p_descending then
        return query
        select h.*
          from workflow_pg.hooks as h
         where h.run_id = p_run_id
           and (p_after is null or h.hook_id < p_after)
           and h.status = 'live'
           and h.hook_id <> all(v_gone)
         order by h.hook_id desc
         limit p_limit;
        return;
    end if;

    return query
    select h.*
      from workflow_pg.hooks as h
     where h.run_id = p_run_id
       and h.hook_id > coalesce(p_after, '')
       and h.status = 'live'
       and h.hook_id <> all(v_gone)
     order by h.hook_id
     limit p_limit;
end;
$$;

comment on function workflow_pg_private.find_hooks is
    'One page of the live hooks of a run, in the order of their ids or backwards, after p_after.';
