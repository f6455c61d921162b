-- Set attributes of a run from outside of its workflow, as JSON.

create or replace function workflow_pg.json_set_attributes(
    p_run_id   text,
    p_changes  jsonb,
    p_params   jsonb default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_params constant jsonb := workflow_pg_private.wire_object('params', p_params);
begin
    perform workflow_pg.set_attributes(
        p_run_id, p_changes,
        p_allow_reserved => workflow_pg_private.wire_flag(v_params, 'allowReservedAttributes', false),
        p_dedup_key => workflow_pg_private.wire_text(v_params, 'dedupKey'));
    return jsonb_build_object('attributes', workflow_pg_private.attributes_of(p_run_id));
end;
$$;

comment on function workflow_pg.json_set_attributes is
$$Set and delete attributes of a live run and record attr_set, in the JSON of the World protocol.

p_run_id   the run
p_changes  an array of {key, value}; a null value deletes
p_params   {allowReservedAttributes?, dedupKey?}; null for none
returns    {attributes} as they are now
raises     WF400, WF404 no such run, WF409 the run is final, WF422 a limit is exceeded or a key is
           reserved; 40001 repeat the call$$;
