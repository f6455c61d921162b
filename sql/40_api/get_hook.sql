-- One live hook, by its id.

create or replace function workflow_pg.get_hook(
    p_run_id   text,
    p_hook_id  text
)
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
      from workflow_pg.hooks as h
      join workflow_pg_private.hook_tokens as t on t.token = h.token and t.run_id = h.run_id and t.hook_id = h.hook_id
      join workflow_pg.events as e on e.run_id = h.run_id and e.seq = h.created_seq
     where h.run_id = p_run_id
       and h.hook_id = p_hook_id
       and h.status = 'live'
       and not workflow_pg_private.has_let_go(t, workflow_pg_private.clock());

    if not found then
        perform workflow_pg_private.refuse(
            'WF404', format('run %s has no live hook %s', coalesce(p_run_id, 'null'), coalesce(p_hook_id, 'null')),
            jsonb_build_object('entity', 'hook', 'id', p_hook_id, 'run_id', p_run_id));
    end if;

    perform workflow_pg_private.refuse_purged(p_run_id);
    return v_hook;
end;
$$;

comment on function workflow_pg.get_hook is
$$One live hook with its metadata.

p_run_id   the run
p_hook_id  the hook
returns    the hook
raises     WF404 no such hook, or it is not live, WF410 its metadata was purged with its run$$;
