-- A delivery's handler begins to execute a step itself: its dispatch is for the case that
-- the handler dies.

create or replace function workflow_pg_private.hold_dispatch(
    p_run_id   text,
    p_step_id  text,
    p_held_by  text
)
returns void
language plpgsql volatile
as $$
begin
    update workflow_pg_private.messages as m
       set held_by = p_held_by
     where m.run_id = p_run_id
       and m.step_id = p_step_id
       and m.kind = 'step'
       and m.lease_token is null
       and m.buried_at is null;
end;
$$;

comment on function workflow_pg_private.hold_dispatch is
    'Have nobody claim the pending dispatch of a step while message p_held_by of its run lives.';
