-- The live hook that holds a token.

create or replace function workflow_pg.get_hook_by_token(p_token text)
returns workflow_pg.hook_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hook workflow_pg.hook_detail;
begin
    select h.run_id, h.hook_id, h.token, h.status, h.spec_version::integer, h.is_webhook, h.is_system, h.created_at,
           t.retained_until, e.codec, e.payload, null::text
      into v_hook
      from workflow_pg_private.hook_tokens as t
      join workflow_pg.hooks as h on h.run_id = t.run_id and h.hook_id = t.hook_id
      join workflow_pg.events as e on e.run_id = h.run_id and e.seq = h.created_seq
     where t.token = p_token
       and not workflow_pg_private.has_let_go(t, workflow_pg_private.clock());

    if not found then
        perform workflow_pg_private.refuse(
            'WF404', format('no live hook holds token %s', coalesce(quote_literal(p_token), 'null')),
            jsonb_build_object('entity', 'hook', 'token', p_token),
            'The workflow may not have created it yet, or has let go of it.');
    end if;

    perform workflow_pg_private.refuse_purged(v_hook.run_id);
    return v_hook;
end;
$$;

comment on function workflow_pg.get_hook_by_token is
$$The live hook that holds a token, with its metadata.

p_token  the token
returns  the hook; run_id and hook_id are what receive_hook needs
raises   WF404 nobody holds it, WF410 its metadata was purged with its run$$;
