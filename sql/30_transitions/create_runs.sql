-- absent -> pending, many runs in one call

create or replace function workflow_pg.create_runs(
    p_run_ids            text[],
    p_workflow_names     text[],
    p_inputs             bytea[],
    p_codec              workflow_pg.payload_codec default 'opaque',
    p_deployment_id      text default 'default',
    p_execution_context  jsonb default null,
    p_attributes         jsonb[] default null,
    p_allow_reserved     boolean default false,
    p_spec_version       integer default 7
)
returns setof workflow_pg.append_outcome
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run_ids constant text[] := coalesce(p_run_ids, array(
        select 'wrun_' || workflow_pg_private.new_ulid() from generate_series(1, cardinality(p_inputs))));
    v_entries          workflow_pg_private.batch_entry[];
begin
    perform workflow_pg_private.check_new_runs(v_run_ids, p_workflow_names, p_codec, p_inputs, cardinality(p_attributes));
    perform workflow_pg_private.check_text('deployment id', p_deployment_id, 255);
    perform workflow_pg_private.check_spec_version(p_spec_version);

    select array_agg((u.run_id, u.place, 'run_created', null,
                      workflow_pg_private.run_facts(
                          u.workflow_name, p_deployment_id, p_execution_context, null, u.attributes, p_allow_reserved),
                      p_codec, null, null, null, null, null, null, null, null, null, null)::workflow_pg_private.batch_entry
                     order by u.place)
      into v_entries
      from unnest(v_run_ids, p_workflow_names, p_attributes)
           with ordinality as u (run_id, workflow_name, attributes, place);

    v_entries := workflow_pg_private.insert_runs(v_entries, p_deployment_id, p_execution_context, p_spec_version);
    perform workflow_pg_private.emit_events(v_entries, p_inputs, p_spec_version);

    return query
    select o.* from workflow_pg_private.batch_outcomes(v_entries) as o;
end;
$$;

comment on function workflow_pg.create_runs is
$$Create several runs in one transaction, each with its event and the message that starts it. A run
that exists is rejected alone; a malformed argument refuses the call, with nothing written.

p_run_ids         'wrun_' and a ULID of the last 24 hours, each once, at most 10000: who draws them
                  may repeat the call; null: all are drawn here
p_workflow_names  as workers announce them, 1 to 1024 bytes; as many as inputs
p_inputs          arguments, each at most 16 MiB; as json: an array of arguments or an object of
                  keyword arguments
p_codec           opaque, cbor or json, for all inputs
p_deployment_id   only workers of this deployment execute the runs
p_execution_context  JSON object of the SDK, for all runs; its queueNamespace names their queue
p_attributes      what each run is to be found by: JSON objects of texts; null: none has any
p_allow_reserved  whether keys of attributes may begin with $
p_spec_version    2 to 7
returns           the outcome of each run, in order: 200 created, 409 it exists
raises            WF400, WF413, WF422 attributes over a limit, WF426; 40001 repeat the call$$;
