-- absent -> pending

create or replace function workflow_pg.create_run(
    p_run_id                 text,
    p_workflow_name          text,
    p_input                  bytea,
    p_codec                  workflow_pg.payload_codec default 'opaque',
    p_deployment_id          text default 'default',
    p_execution_context      jsonb default null,
    p_encryption_public_key  text default null,
    p_attributes             jsonb default null,
    p_allow_reserved         boolean default false,
    p_spec_version           integer default 7,
    p_dedup_key              text default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run_id constant text  := coalesce(p_run_id, 'wrun_' || workflow_pg_private.new_ulid());
    v_facts  constant jsonb := workflow_pg_private.run_facts(
        p_workflow_name, p_deployment_id, p_execution_context, p_encryption_public_key,
        p_attributes, p_allow_reserved);
    v_call            workflow_pg_private.append_call;
    v_reply           workflow_pg.append_reply;
begin
    perform workflow_pg_private.check_run_id(v_run_id);
    perform workflow_pg_private.check_run_date(v_run_id);
    v_call := workflow_pg_private.begin_append(
        v_run_id, 'run_created', null, v_facts, p_codec, p_input, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(v_run_id, v_call.repeat_of);
    elsif p_input is null then
        perform workflow_pg_private.refuse('WF400', 'run_created needs an input',
                                           jsonb_build_object('argument', 'input'));
    end if;

    v_reply := workflow_pg_private.insert_run(
        v_run_id, p_workflow_name, p_codec, p_input, p_deployment_id, p_execution_context,
        p_spec_version, p_dedup_key, v_call.digest, v_facts);

    if v_reply.run_id is null then
        -- A repeat that was sent while the first try was still open is told so.
        perform workflow_pg_private.refuse_open_repeat(v_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_run('run_created', v_run_id);
    end if;

    return v_reply;
end;
$$;

comment on function workflow_pg.create_run is
$$Create a run, record run_created, and leave the message that starts it.

p_run_id         'wrun_' and a ULID of the last 24 hours; null to have one drawn
p_workflow_name  as workers announce it: workflow//module//function for the SDKs, 1 to 1024 bytes
p_input          arguments, at most 16 MiB; as json: an array of arguments or an object of keyword
                 arguments
p_codec          opaque, cbor or json
p_deployment_id  only workers of this deployment execute the run
p_execution_context      JSON object of the SDK; its queueNamespace names the queue
p_encryption_public_key  for payloads sealed to the run; not looked into
p_attributes     what the run is to be found by: a JSON object of texts, with the limits of
                 set_attributes
p_allow_reserved whether keys of attributes may begin with $
p_spec_version   2 to 7
p_dedup_key      a repeat with the same key returns the first reply
returns          the event and the run's status
raises           WF400, WF409 the run exists, WF413, WF422 attributes over a limit, WF426; 40001
                 repeat the call$$;
