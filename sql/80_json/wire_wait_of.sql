-- A wait, read and as the protocol writes it. Its id has that of its run in it.

create or replace function workflow_pg_private.wire_wait_of(
    p_run_id   text,
    p_wait_id  text
)
returns jsonb
language plpgsql stable
as $$
declare
    v_wait workflow_pg.waits;
begin
    select w.*
      into v_wait
      from workflow_pg.waits as w
     where w.run_id = p_run_id
       and w.wait_id = p_wait_id;

    return case when v_wait.run_id is not null then workflow_pg_private.wire_compact(jsonb_build_object(
        'waitId', v_wait.run_id || '-' || v_wait.wait_id,
        'runId', v_wait.run_id,
        'status', v_wait.status,
        'resumeAt', workflow_pg_private.wire_iso(v_wait.resume_at),
        'completedAt', workflow_pg_private.wire_iso(v_wait.completed_at),
        'specVersion', v_wait.spec_version,
        'createdAt', workflow_pg_private.wire_iso(v_wait.created_at),
        'updatedAt', workflow_pg_private.wire_iso(coalesce(v_wait.completed_at, v_wait.created_at)))) end;
end;
$$;

comment on function workflow_pg_private.wire_wait_of is
    'The wait in camel case; null when there is no such wait.';
