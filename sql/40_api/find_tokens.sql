-- The tokens of one page of a list of hooks. A live hook has its row here, and no other has.

create or replace function workflow_pg_private.find_tokens(
    p_after       text,
    p_descending  boolean,
    p_limit       integer
)
returns setof workflow_pg_private.hook_tokens
language plpgsql stable
as $$
begin
    if p_descending then
        return query
        select t.*
          from workflow_pg_private.hook_tokens as t
         where p_after is null
            or t.token < p_after
         order by t.token desc
         limit p_limit;
        return;
    end if;

    return query
    select t.*
      from workflow_pg_private.hook_tokens as t
     where t.token > coalesce(p_after, '')
     order by t.token
     limit p_limit;
end;
$$;

comment on function workflow_pg_private.find_tokens is
    'One page of the tokens that live hooks hold, in their order or backwards, after p_after.';
