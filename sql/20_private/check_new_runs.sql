-- May runs be created with these arguments?

create or replace function workflow_pg_private.check_new_runs(
    p_run_ids         text[],
    p_workflow_names  text[],
    p_codec           workflow_pg.payload_codec,
    p_inputs          bytea[],
    p_attributes      integer
)
returns void
language plpgsql volatile
as $$
declare
    v_length constant integer := coalesce(cardinality(p_inputs), 0);
begin
    if v_length <> cardinality(p_run_ids)
       or v_length is distinct from cardinality(p_workflow_names)
       or v_length <> p_attributes
    then
        perform workflow_pg_private.refuse(
            'WF400', 'the arrays of the runs have different lengths: one element for each run is needed in each of them',
            jsonb_build_object('argument', 'inputs', 'length', v_length));
    elsif p_run_ids <> '{}' then
        perform workflow_pg_private.check_run_ids(p_run_ids, 10000);
    end if;

    perform workflow_pg_private.check_new_run(u.run_id, u.workflow_name, p_codec, u.input)
       from unnest(p_run_ids, p_workflow_names, p_inputs) as u (run_id, workflow_name, input);
end;
$$;

comment on function workflow_pg_private.check_new_runs is
    'Raises WF400 when the arrays do not fit together (p_attributes: length of one more) or one has a malformed element, WF413.';
