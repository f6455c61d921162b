-- May a run be created with these arguments?

create or replace function workflow_pg_private.check_new_run(
    p_run_id         text,
    p_workflow_name  text,
    p_codec          workflow_pg.payload_codec,
    p_input          bytea
)
returns void
language plpgsql volatile
as $$
declare
    v_fault workflow_pg_private.fault;
begin
    perform workflow_pg_private.check_run_id(p_run_id);
    perform workflow_pg_private.check_run_date(p_run_id);
    perform workflow_pg_private.check_text('workflow name', p_workflow_name, 1024);

    v_fault := workflow_pg_private.append_fault('run_created', null, p_codec, p_input);
    if v_fault.sqlstate is not null then
        perform workflow_pg_private.refuse_fault(v_fault);
    elsif p_input is null then
        perform workflow_pg_private.refuse('WF400', format('run_created of run %s needs an input', p_run_id),
                                           jsonb_build_object('argument', 'input', 'run_id', p_run_id));
    elsif p_codec = 'json' then
        perform workflow_pg_private.check_json_input(p_input);
    end if;
end;
$$;

comment on function workflow_pg_private.check_new_run is
    'Raises WF400 or WF413 when an argument is malformed.';
