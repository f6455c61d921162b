-- The tokens of one page of a list of hooks. A live hook has its row here, and no other
-- has, but one whose time after its run is over and whose token nobody has freed yet.

create or replace function workflow_pg_private.find_tokens(
    p_after       text,
    p_descending  boolean,
    p_limit       integer
)
returns setof workflow_pg_private.hook_tokens
language plpgsql stable
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    if p_descending then
        return query
        select t.*
          from workflow_pg_private.hook_tokens as t
         where (p_after is null or t.token < p_after)
           and not workflow_pg_private.has_let_go(t, v_now)
         order by t.token desc
         limit p_limit;
        return;
    end if;

    return query
    select t.*
      from workflow_pg_private.hook_tokens as t
     where t.token > coalesce(p_after, '')
       and not workflow_pg_private.has_let_go(t, v_now)
     order by t.token
     limit p_limit;
end;
$$;

comment on function workflow_pg_private.find_tokens is
    'One page of the tokens that live hooks hold, in their order or backwards, after p_after.';
