-- live -> disposed, without an event: the time is over for which a hook kept its token after
-- the end of its run.

create or replace function workflow_pg_private.let_go(p_token workflow_pg_private.hook_tokens)
returns void
language plpgsql volatile
as $$
begin
    delete from workflow_pg_private.hook_tokens as t
     where t.token = p_token.token
       and t.run_id = p_token.run_id
       and t.hook_id = p_token.hook_id;

    with free as (
        select h.run_id, h.hook_id
          from workflow_pg.hooks as h
         where h.run_id = p_token.run_id
           and h.hook_id = p_token.hook_id
           and h.status = 'live'
           for update of h skip locked
    )
    update workflow_pg.hooks as h
       set status      = 'disposed',
           disposed_at = p_token.retained_until
      from free as f
     where h.run_id = f.run_id
       and h.hook_id = f.hook_id;
end;
$$;

comment on function workflow_pg_private.let_go is
    'Free a token, whose row is locked, and dispose the hook that held it, unless somebody does so at this moment.';
