-- Take back the dispatch of a step that ended without it.
--
-- Somebody executed the step without claiming its message; a later delivery would only
-- be refused. A leased one is its holder's to acknowledge.

create or replace function workflow_pg_private.withdraw_dispatch(
    p_run_id   text,
    p_step_id  text
)
returns void
language plpgsql volatile
as $$
begin
    delete from workflow_pg_private.messages as m
     where m.run_id = p_run_id
       and m.step_id = p_step_id
       and m.kind = 'step'
       and m.lease_token is null
       and m.buried_at is null;
end;
$$;

comment on function workflow_pg_private.withdraw_dispatch is
    'Delete the pending dispatch of a step.';
