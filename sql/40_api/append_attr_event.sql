-- append_event for attr_set: takes its writer apart.

create or replace function workflow_pg_private.append_attr_event(
    p_run_id          text,
    p_correlation_id  text,
    p_facts           jsonb,
    p_spec_version    integer,
    p_dedup_key       text
)
returns workflow_pg.append_reply
language plpgsql volatile
as $$
declare
    v_attempt constant text := p_facts #>> '{writer,attempt}';
begin
    if v_attempt !~ '^[0-9]{1,9}$' then
        perform workflow_pg_private.refuse(
            'WF400', format('attempt %s is malformed: a whole number is needed', quote_literal(left(v_attempt, 60))),
            jsonb_build_object('argument', 'writer'));
    end if;

    return workflow_pg.set_attributes(
        p_run_id, p_facts -> 'changes', p_facts #>> '{writer,type}', p_correlation_id,
        p_facts #>> '{writer,stepId}', v_attempt::integer,
        coalesce(p_facts -> 'allowReservedAttributes' = 'true'::jsonb, false),
        p_spec_version, p_dedup_key);
end;
$$;

comment on function workflow_pg_private.append_attr_event is
    'Hand attr_set to its verb. Raises WF400 when the attempt of its writer is no number.';
