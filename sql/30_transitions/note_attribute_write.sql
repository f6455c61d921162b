-- Is this call of a workflow's body recorded for the first time?
--
-- Two replays of a body come to the same call with the same id; one of them records it.

create or replace function workflow_pg_private.note_attribute_write(
    p_run             workflow_pg.runs,
    p_correlation_id  text,
    p_dedup_key       text,
    p_digest          bytea
)
returns void
language plpgsql volatile
as $$
begin
    insert into workflow_pg_private.attribute_writes (run_id, correlation_id, seq)
    values (p_run.run_id, p_correlation_id, p_run.last_seq)
        on conflict (run_id, correlation_id) do nothing;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(p_run.run_id, p_dedup_key, p_digest);
        perform workflow_pg_private.refuse(
            'WF409', format('attr_set %s of run %s was recorded before', p_correlation_id, p_run.run_id),
            jsonb_build_object('event', 'attr_set', 'run_id', p_run.run_id, 'run_status', p_run.status,
                               'entity', 'attributes', 'id', p_correlation_id));
    end if;
end;
$$;

comment on function workflow_pg_private.note_attribute_write is
    'Keep the id of an attr_set of a locked run. Raises WF409 when it was kept before, 40001 when that was the same call.';
