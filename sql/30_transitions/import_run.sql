-- Take a whole run out of another database: its row, its entities and its log.

create or replace function workflow_pg.import_run(
    p_document       jsonb,
    p_payloads       bytea[] default null,
    p_deployment_id  text default null,
    p_namespace      text default null
)
returns workflow_pg.import_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run_id  constant text  := p_document #>> '{run,run_id}';
    v_digest  constant bytea := sha256(convert_to(p_document::text, 'UTF8') || sha256(array_send(coalesce(p_payloads, '{}'))));
    v_found   bytea;
    v_log     workflow_pg_private.imported_event[];
    v_run     workflow_pg.runs;
begin
    perform workflow_pg_private.check_run_id(v_run_id);
    perform workflow_pg_private.check_text('workflow name', p_document #>> '{run,workflow_name}', 1024);

    insert into workflow_pg_private.imported_runs (run_id, imported_at, digest)
    values (v_run_id, workflow_pg_private.clock(), v_digest)
        on conflict (run_id) do nothing;
    if not found then
        select i.digest
          into v_found
          from workflow_pg_private.imported_runs as i
         where i.run_id = v_run_id;
        return (v_run_id, case when v_found = v_digest then 'present' else 'changed' end, null::bigint, '[]'::jsonb);
    end if;

    perform from workflow_pg.runs as r where r.run_id = v_run_id;
    if found then
        perform workflow_pg_private.refuse(
            'WF409', format('run %s is there, and was not imported', v_run_id),
            jsonb_build_object('run_id', v_run_id, 'entity', 'run', 'id', v_run_id));
    end if;

    v_log := workflow_pg_private.imported_log(p_document);
    perform workflow_pg_private.check_import(v_run_id, p_document, v_log, p_payloads);
    v_run := workflow_pg_private.import_run_row(p_document, v_log, p_deployment_id, p_namespace);
    perform workflow_pg_private.emit_imported(v_run, v_log, p_payloads);
    perform workflow_pg_private.import_steps(v_run, p_document, v_log);
    perform workflow_pg_private.import_hooks(v_run, p_document, v_log);
    perform workflow_pg_private.import_waits(v_run, p_document, v_log);
    perform workflow_pg_private.import_attributes(v_run, v_log);
    perform workflow_pg_private.leave_wake(v_run, workflow_pg_private.clock());

    return (v_run_id, 'imported'::text, v_run.last_seq, (
        select coalesce(jsonb_agg(jsonb_build_object(
                   'kind', 'event', 'id', coalesce(e.event_id, e.correlation_id, v_run_id), 'note', e.note)
                   order by e.place), '[]')
          from unnest(v_log) as e
         where e.note is not null));
end;
$$;

comment on function workflow_pg.import_run is
$$Take a run out of another database with everything of it, in one transaction, once: when it was
imported before, nothing is written. A live run is woken, and its steps that are not final are
dispatched; a legacy one (spec version 1) is kept as it is.

Events get the positions 1, 2, 3, ... in their order, and keep their times, in milliseconds and
never earlier than the event before. What can happen once only is kept once. What a row tells of
and no event does is added to the log. Where a row and the log differ, the later status is right.

p_document       {run, steps, hooks, waits, events}: rows with the column names of that database
                 in snake case, run_id for id, facts for what run_created says without its input;
                 a payload is {"codec", "at"}, its place in p_payloads from 1, of an event
                 codec and payload_at; error_text is the error of a legacy row
p_payloads       each at most 16 MiB; null for none
p_deployment_id  whose workers are to execute it; null: those of its own deployment
p_namespace      of its queue; null for none
returns          what became of it, and what was left out or added
raises           WF400 malformed, WF409 a run of that id is there and was not imported, a token of
                 a live hook is held, or an event is of a step that is not there, WF413 a payload
                 is over 16 MiB, WF422 too many attributes, WF426 its spec version is not 1 to 7$$;
