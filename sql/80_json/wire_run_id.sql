-- The run that a list is to be about.

create or replace function workflow_pg_private.wire_run_id(p_params jsonb)
returns text
language plpgsql immutable
as $$
declare
    v_run_id constant text := workflow_pg_private.wire_text(
        workflow_pg_private.wire_object('params', p_params), 'runId');
begin
    if v_run_id is null then
        perform workflow_pg_private.refuse('WF400', 'this list is of one run: runId is needed',
                                           jsonb_build_object('argument', 'runId'));
    end if;

    return v_run_id;
end;
$$;

comment on function workflow_pg_private.wire_run_id is
    'runId of p_params. Raises WF400 when it is absent or no text.';
