-- Are the payloads of this run still there to be read?

create or replace function workflow_pg_private.refuse_purged(p_run_id text)
returns void
language plpgsql stable
as $$
declare
    v_status      workflow_pg.run_status;
    v_expired_at  timestamptz;
begin
    select r.status, r.expired_at
      into v_status, v_expired_at
      from workflow_pg.runs as r
     where r.run_id = p_run_id
       and r.expired_at is not null;

    if found then
        perform workflow_pg_private.refuse(
            'WF410', format('the payloads of run %s were purged', p_run_id),
            jsonb_build_object('entity', 'run', 'id', p_run_id, 'run_id', p_run_id, 'run_status', v_status,
                               'expired_at', workflow_pg_private.iso_time(v_expired_at)),
            'Read it without its payloads.');
    end if;
end;
$$;

comment on function workflow_pg_private.refuse_purged is
    'Raises WF410 when the payloads of the run were purged.';
