-- One step.

create or replace function workflow_pg.get_step(
    p_run_id        text,
    p_step_id       text,
    p_with_input    boolean default true,
    p_with_outcome  boolean default true
)
returns workflow_pg.step_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_step constant workflow_pg.step_detail := workflow_pg_private.step_detail(
        p_run_id, p_step_id, p_with_input, p_with_outcome);
begin
    if v_step.run_id is null then
        perform workflow_pg_private.refuse(
            'WF404', format('step %s of run %s does not exist', coalesce(p_step_id, 'null'), coalesce(p_run_id, 'null')),
            jsonb_build_object('entity', 'step', 'id', p_step_id, 'run_id', p_run_id));
    end if;

    if p_with_input or p_with_outcome then
        perform workflow_pg_private.refuse_purged(p_run_id);
    end if;

    return v_step;
end;
$$;

comment on function workflow_pg.get_step is
$$One step with the payloads of its events.

p_run_id        the run
p_step_id       the step
p_with_input    whether to read the input
p_with_outcome  whether to read the result and the newest error
returns         the step
raises          WF404 no such step, WF410 a payload was asked for and they were purged$$;
