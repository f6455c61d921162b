-- One run.

create or replace function workflow_pg.get_run(
    p_run_id        text,
    p_with_input    boolean default true,
    p_with_outcome  boolean default true
)
returns workflow_pg.run_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run constant workflow_pg.run_detail := workflow_pg_private.run_detail(p_run_id, p_with_input, p_with_outcome);
begin
    if v_run.run_id is null then
        perform workflow_pg_private.refuse(
            'WF404', format('run %s does not exist', coalesce(p_run_id, 'null')),
            jsonb_build_object('entity', 'run', 'id', p_run_id, 'run_id', p_run_id),
            'Check the run id and that this is the right database.');
    end if;

    if v_run.expired_at is not null and (p_with_input or p_with_outcome) then
        perform workflow_pg_private.refuse_purged(p_run_id);
    end if;

    return v_run;
end;
$$;

comment on function workflow_pg.get_run is
$$One run with the payloads of its events.

p_run_id        the run
p_with_input    whether to read the input
p_with_outcome  whether to read the output or the error
returns         the run
raises          WF404 no such run, WF410 a payload was asked for and they were purged$$;
