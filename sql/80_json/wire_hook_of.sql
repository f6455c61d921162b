-- A hook, read and as the protocol writes it, also one that is live no more.

create or replace function workflow_pg_private.wire_hook_of(
    p_run_id   text,
    p_hook_id  text,
    p_all      boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    v_hook workflow_pg.hook_detail;
begin
    select h.run_id, h.hook_id, h.token, h.status, h.spec_version::integer, h.is_webhook, h.is_system, h.created_at,
           t.retained_until, e.codec, case when p_all then e.payload end, null::text
      into v_hook
      from workflow_pg.hooks as h
      join workflow_pg.events as e on e.run_id = h.run_id and e.seq = h.created_seq
      left join workflow_pg_private.hook_tokens as t
        on t.token = h.token and t.run_id = h.run_id and t.hook_id = h.hook_id
     where h.run_id = p_run_id
       and h.hook_id = p_hook_id;

    return workflow_pg_private.wire_hook(v_hook, p_all);
end;
$$;

comment on function workflow_pg_private.wire_hook_of is
    'The hook in camel case, with metadata when p_all.';
