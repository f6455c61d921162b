-- May this run be done again?
--
-- A message that was given up is named: where the run is not over, or was never created,
-- it is the message that has to move again, and not a new run.
--
-- The payloads of a run that has published a key are sealed to its id. Copied to another
-- run, its input could not be opened by anybody.

create or replace function workflow_pg_private.refuse_retry(
    p_run_id  text,
    p_run     workflow_pg.runs,
    p_anyway  boolean
)
returns void
language plpgsql stable
as $$
declare
    v_detail  constant jsonb := jsonb_build_object(
        'entity', 'run', 'id', p_run_id, 'run_id', p_run_id, 'status', p_run.status,
        'retried_as', p_run.retried_as);
    v_buried  constant text  := (select m.message_id
                                   from workflow_pg_private.messages as m
                                  where m.run_id = p_run_id
                                    and m.buried_at is not null
                                  order by m.buried_at desc, m.message_id
                                  limit 1);
    -- Null when there is none.
    v_requeue constant text  := 'Its message ' || v_buried || ' was given up: requeue that instead'
                                || ' (`workflow-pg queue requeue MESSAGE`).';
    v_anyway  constant text  := 'To do it once more all the same: `workflow-pg runs retry RUN --anyway`.';
begin
    if p_run.run_id is null then
        perform workflow_pg_private.refuse(
            'WF404', format('run %s does not exist', coalesce(p_run_id, 'null')), v_detail,
            coalesce(v_requeue, 'Check the run id and that this is the right database.'));
    elsif p_run.status < 'completed' then
        perform workflow_pg_private.refuse(
            'WF409', format('run %s is %s: only a run that is over is retried', p_run_id, p_run.status), v_detail,
            coalesce(v_requeue, 'Wait for its end, or cancel it first.'));
    elsif p_run.expired_at is not null then
        perform workflow_pg_private.refuse(
            'WF410', format('run %s was purged: its input is gone, and so it cannot be retried', p_run_id),
            jsonb_build_object('entity', 'run', 'id', p_run_id, 'run_id', p_run_id, 'run_status', p_run.status,
                               'expired_at', workflow_pg_private.iso_time(p_run.expired_at)),
            'Start it anew, with the same arguments.');
    elsif p_run.retried_as is not null and not p_anyway then
        perform workflow_pg_private.refuse(
            'WF409', format('run %s was retried before, as %s', p_run_id, p_run.retried_as), v_detail, v_anyway);
    elsif p_run.status = 'completed' and not p_anyway then
        perform workflow_pg_private.refuse(
            'WF409', format('run %s is completed: it has done its work', p_run_id), v_detail, v_anyway);
    end if;

    perform
       from workflow_pg.events as e
      where e.run_id = p_run_id
        and e.seq = 1
        and e.facts ? 'encryptionPublicKey';

    if found then
        perform workflow_pg_private.refuse(
            'WF409', format('the input of run %s is encrypted under its id: a copy could not be read', p_run_id),
            v_detail, 'Start it anew, with the same arguments, from a process that has its keys.');
    end if;
end;
$$;

comment on function workflow_pg_private.refuse_retry is
    'Raises WF404, WF409 or WF410 unless the run, locked, is over, not purged, not encrypted, and, without p_anyway, failed or cancelled and not retried yet.';
