-- pending -> running, and absent -> running when the call carries the run's input
--
-- SDKs send run_started at every delivery, so a running run is answered by a read
-- alone. Whatever happens next to the run may happen right after any answer.

create or replace function workflow_pg.start_run(
    p_run_id                 text,
    p_workflow_name          text default null,
    p_input                  bytea default null,
    p_codec                  workflow_pg.payload_codec default 'opaque',
    p_deployment_id          text default null,
    p_execution_context      jsonb default null,
    p_encryption_public_key  text default null,
    p_attributes             jsonb default null,
    p_allow_reserved         boolean default false,
    p_spec_version           integer default 7,
    p_dedup_key              text default null
)
returns workflow_pg.run_detail
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_detail  workflow_pg.run_detail := workflow_pg_private.run_detail(p_run_id, true, false);
    v_call    workflow_pg_private.append_call;
    v_now     timestamptz;
    v_run     workflow_pg.runs;
begin
    if v_detail.status = 'running' and v_detail.spec_version between 2 and 7 and p_dedup_key is null then
        return v_detail;
    end if;

    v_call := workflow_pg_private.begin_append(
        p_run_id, 'run_started', null, null, p_codec, p_input, p_spec_version, p_dedup_key);

    if v_detail.run_id is null
       and p_workflow_name is not null and p_input is not null and p_deployment_id is not null
    then
        -- Its date is not looked at: a message that carries a run may be delivered late.
        perform workflow_pg_private.check_run_id(p_run_id);
        perform workflow_pg_private.insert_run(
            p_run_id, p_workflow_name, p_codec, p_input, p_deployment_id, p_execution_context,
            p_spec_version, null, null,
            workflow_pg_private.run_facts(
                p_workflow_name, p_deployment_id, p_execution_context, p_encryption_public_key,
                p_attributes, p_allow_reserved));
    end if;

    v_now := workflow_pg_private.clock();
    update workflow_pg.runs as r
       set status        = 'running',
           started_at    = greatest(r.last_event_at, v_now),
           last_seq      = r.last_seq + 1,
           last_event_at = greatest(r.last_event_at, v_now)
     where r.run_id = p_run_id
       and r.status = 'pending'
       and r.spec_version between 2 and 7
 returning r.*
      into v_run;

    if found then
        perform workflow_pg_private.emit_event(
            v_run, 'run_started', null, null, 'opaque', null,
            p_spec_version, p_dedup_key, v_call.digest, null, false);
    elsif v_call.repeat_of is null then
        perform workflow_pg_private.refuse_run('run_started', p_run_id);
    end if;

    v_detail     := workflow_pg_private.run_detail(p_run_id, true, false);
    v_detail.seq := coalesce(v_run.last_seq, v_call.repeat_of);
    return v_detail;
end;
$$;

comment on function workflow_pg.start_run is
$$Start a pending run and record run_started; a running run is returned and nothing is written.

With p_workflow_name, p_input and p_deployment_id an absent run is created first: run_created,
then run_started, in one transaction. Otherwise they are ignored, and never stored on run_started.

p_run_id     the run
p_*          as for create_run
returns      the run with its input and execution context; started_at is set once, in milliseconds
raises       WF400, WF404 no such run, WF410 the run is final, WF413, WF422 attributes over a limit,
             WF426; 40001 repeat the call$$;
