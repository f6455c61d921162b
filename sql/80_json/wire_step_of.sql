-- A step, read and as the protocol writes it. Its error as that of a run: see wire_run_of.

create or replace function workflow_pg_private.wire_step_of(
    p_run_id   text,
    p_step_id  text,
    p_all      boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    v_step workflow_pg.step_detail := workflow_pg_private.step_detail(p_run_id, p_step_id, p_all, p_all);
begin
    if not p_all and v_step.error_codec = 'json' then
        v_step        := workflow_pg_private.step_detail(p_run_id, p_step_id, false, true);
        v_step.output := null;
    end if;

    return workflow_pg_private.wire_step(v_step);
end;
$$;

comment on function workflow_pg_private.wire_step_of is
    'The step in camel case, with payloads when p_all; null when there is no such step.';
