-- absent -> pending, or nothing when the start key stands for a run already
--
-- A try of the same call that was committed before is answered by create_run, whatever has
-- become of the key since.

create or replace function workflow_pg.create_keyed_run(
    p_start_key              text,
    p_workflow_name          text,
    p_input                  bytea,
    p_policy                 workflow_pg.key_policy default 'return',
    p_scope                  workflow_pg.key_scope default 'kept',
    p_ttl                    interval default null,
    p_input_digest           bytea default null,
    p_former_digest          bytea default null,
    p_run_id                 text default null,
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
    v_digest constant bytea := workflow_pg_private.start_digest(p_workflow_name, p_codec, p_input, p_input_digest);
    v_former          bytea;
    v_run             workflow_pg.runs;
begin
    perform workflow_pg_private.check_start_key(p_start_key, p_policy, p_scope, p_ttl, v_digest);
    if p_former_digest is not null then
        v_former := workflow_pg_private.start_digest(p_workflow_name, p_codec, p_input, p_former_digest);
        perform workflow_pg_private.check_start_key(p_start_key, p_policy, p_scope, p_ttl, v_former);
    end if;

    if not exists (select from workflow_pg_private.append_keys as a
                    where a.run_id = v_run_id and a.dedup_key = p_dedup_key)
    then
        v_run := workflow_pg_private.claim_start_key(
            p_start_key, v_run_id, p_policy, p_scope, p_ttl, v_digest, v_former);
        if v_run.run_id is not null then
            return workflow_pg_private.unmoved_reply(v_run.run_id, 'run_created', v_run.status);
        end if;
    end if;

    return workflow_pg.create_run(
        v_run_id, p_workflow_name, p_input, p_codec, p_deployment_id, p_execution_context,
        p_encryption_public_key, p_attributes, p_allow_reserved, p_spec_version, p_dedup_key);
end;
$$;

comment on function workflow_pg.create_keyed_run is
$$Create a run as create_run does, unless its start key stands for a run already.

p_start_key      chosen by the caller, 1 to 1024 bytes; unique across the database, whatever the
                 workflow and the deployment
p_workflow_name  as for create_run, as all that is not explained here
p_policy         when the key stands for a run: return it, if it has the same workflow and input;
                 refuse, whatever it has
p_scope          how long the key will stand for the new run. live: until the run is final; kept: as
                 long as it is kept; timed: for p_ttl, whatever becomes of the run
p_ttl            with scope timed only: more than 0 and at most 1000 days, from now
p_input_digest   32 bytes that stand for the input, where its bytes differ from start to start; null:
                 the input is compared byte for byte
p_former_digest  32 bytes that stand for the same input, made in another way, as under a secret that
                 has been changed since: the key may have it, but gets it no more
p_dedup_key      a repeat with the same key and run id returns the first reply
returns          the event and the run's status; for a run that was there its id and status, without
                 seq
raises           WF400, WF409 the key is taken or stands for another start, or the run exists, WF413,
                 WF422, WF426; 40001 repeat the call$$;
