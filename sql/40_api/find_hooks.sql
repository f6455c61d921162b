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
begin
    if p_descending then
        return query
        select h.*
          from workflow_pg.hooks as h
         where h.run_id = p_run_id
           and (p_after is null or h.hook_id < p_after)
           and h.status = 'live'
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
     order by h.hook_id
     limit p_limit;
end;
$$;

comment on function workflow_pg_private.find_hooks is
    'One page of the live hooks of a run, in the order of their ids or backwards, after p_after.';
