-- Claim a token for a hook that is being created, and say who holds it then.
--
-- The key of hook_tokens decides the race, in one statement that needs no loop when a
-- holder vanishes. A holder whose run is final and whose time is over gives way. Its hook
-- belongs to another run, which is not locked: where somebody disposes it, that is left to
-- him, so that no two wait for each other.

create or replace function workflow_pg_private.claim_token(
    p_run             workflow_pg.runs,
    p_hook_id         text,
    p_token           text,
    p_retained_until  timestamptz
)
returns workflow_pg_private.hook_tokens
language plpgsql volatile
as $$
declare
    v_holder workflow_pg_private.hook_tokens;
begin
    insert into workflow_pg_private.hook_tokens as t (token, run_id, hook_id, retained_until)
    values (p_token, p_run.run_id, p_hook_id, p_retained_until)
        on conflict (token) do update set token = excluded.token
 returning t.*
      into v_holder;

    if v_holder.retained_until is not null and workflow_pg_private.has_let_go(v_holder, p_run.last_event_at) then
        perform workflow_pg_private.let_go(v_holder);

        insert into workflow_pg_private.hook_tokens as t (token, run_id, hook_id, retained_until)
        values (p_token, p_run.run_id, p_hook_id, p_retained_until)
     returning t.*
          into v_holder;
    end if;

    return v_holder;
end;
$$;

comment on function workflow_pg_private.claim_token is
    'The holder of the token, which is the hook p_hook_id of the locked run p_run unless another one holds it.';
