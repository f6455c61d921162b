-- absent -> pending: a new run that does the work of one that is over again.
--
-- The old run is locked and remembers the new one, so that two people who retry it at the
-- same moment do not start two. Its log stays as it is; where a run comes from is said in
-- its own. So a repeat is known also when the old run has been deleted meanwhile.

create or replace function workflow_pg.retry_run(
    p_run_id         text,
    p_new_run_id     text default null,
    p_deployment_id  text default null,
    p_anyway         boolean default false,
    p_dedup_key      text default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run_id constant text  := coalesce(p_new_run_id, 'wrun_' || workflow_pg_private.new_ulid());
    v_old             workflow_pg.runs;
    v_created         workflow_pg.events;
    v_facts           jsonb;
    v_call            workflow_pg_private.append_call;
    v_reply           workflow_pg.append_reply;
begin
    perform workflow_pg_private.check_run_id(v_run_id);
    perform workflow_pg_private.check_run_date(v_run_id);

    select r.*
      into v_old
      from workflow_pg.runs as r
     where r.run_id = p_run_id
       for no key update;

    select e.*
      into v_created
      from workflow_pg.events as e
     where e.seq = 1
       and (e.run_id = p_run_id
            or e.run_id = v_run_id and e.facts ->> 'retryOf' = p_run_id)
     order by e.run_id <> p_run_id
     limit 1;

    v_facts := v_created.facts || jsonb_build_object(
        'deploymentId', coalesce(p_deployment_id, v_old.deployment_id, v_created.facts ->> 'deploymentId'),
        'retryOf', p_run_id);
    v_call := workflow_pg_private.begin_append(
        v_run_id, 'run_created', null, v_facts, coalesce(v_created.codec, 'opaque'), v_created.payload,
        coalesce(v_old.spec_version, 7), p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(v_run_id, v_call.repeat_of);
    end if;
    perform workflow_pg_private.refuse_retry(p_run_id, v_old, p_anyway);

    v_reply := workflow_pg_private.insert_run(
        v_run_id, v_old.workflow_name, v_created.codec, v_created.payload, v_facts ->> 'deploymentId',
        v_facts -> 'executionContext', v_old.spec_version, p_dedup_key, v_call.digest, v_facts);
    if v_reply.run_id is null then
        perform workflow_pg_private.refuse_run('run_created', v_run_id);
    end if;

    update workflow_pg.runs as r
       set retried_as = v_run_id
     where r.run_id = p_run_id;

    return v_reply;
end;
$$;

comment on function workflow_pg.retry_run is
$$Do the work of a run that is over again: a new run with the workflow, input, execution context and
spec version of the old one, and with the attributes that it was created with. Its run_created says where it comes from, in the fact retryOf.

p_run_id         the old run: failed or cancelled, and not retried yet; not an encrypted one
p_new_run_id     'wrun_' and a ULID of the last 24 hours; null to have one drawn
p_deployment_id  only its workers execute the new run; null for the deployment of the old one
p_anyway         true: also a run that is completed, or was retried before
p_dedup_key      a repeat with the same key returns the first reply; it needs p_new_run_id
returns          run_created of the new run, with its run_id
raises           WF400, WF404 no such run, WF409 the run is live, completed, encrypted, or was retried
                 before, or the new run exists, WF426 the run is legacy; 40001 repeat
                 the call$$;
