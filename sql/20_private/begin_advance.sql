-- What advance does before it locks anything: check both steps, look up its key.

create or replace function workflow_pg_private.begin_advance(
    p_run_id          text,
    p_step_id         text,
    p_result          bytea,
    p_next_step_id    text,
    p_next_step_name  text,
    p_next_input      bytea,
    p_codec           workflow_pg.payload_codec,
    p_spec_version    integer,
    p_dedup_key       text,
    p_hold            interval
)
returns workflow_pg_private.append_call
language plpgsql stable
as $$
begin
    perform workflow_pg_private.check_text('step name', p_next_step_name, 1024);
    perform workflow_pg_private.check_text('step id', p_next_step_id, 255);
    perform workflow_pg_private.check_hold(p_hold);
    perform workflow_pg_private.begin_append(
        p_run_id, 'step_created', p_next_step_id, null, p_codec, p_next_input, p_spec_version, null);

    -- The facts are for the digest: the key stands for both steps.
    return workflow_pg_private.begin_append(
        p_run_id, 'step_completed', p_step_id,
        case when p_dedup_key is not null
             then jsonb_build_object('next', p_next_step_id, 'stepName', p_next_step_name,
                                     'input', encode(sha256(p_next_input), 'hex')) end,
        p_codec, p_result, p_spec_version, p_dedup_key);
end;
$$;

comment on function workflow_pg_private.begin_advance is
    'Check the arguments of advance as begin_append does. Raises WF400, WF409 the key stands for another call, WF413, WF426.';
