-- A run, read and as the protocol writes it.
--
-- An error that is JSON is no payload for the protocol's 4.x: a run that failed has it
-- whatever was asked for.

create or replace function workflow_pg_private.wire_run_of(
    p_run_id  text,
    p_all     boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    v_run workflow_pg.run_detail := workflow_pg_private.run_detail(p_run_id, p_all, p_all);
begin
    if not p_all and v_run.error_codec = 'json' then
        v_run := workflow_pg_private.run_detail(p_run_id, false, true);
    end if;

    return workflow_pg_private.wire_run(v_run, p_all);
end;
$$;

comment on function workflow_pg_private.wire_run_of is
    'The run in camel case, with payloads when p_all; null when there is no such run.';
