-- One wait, as JSON.

create or replace function workflow_pg.json_get_wait(
    p_run_id   text,
    p_wait_id  text
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- In the protocol the id of a wait begins with that of its run.
    v_wait_id constant text  := case when starts_with(p_wait_id, p_run_id || '-')
                                     then substr(p_wait_id, length(p_run_id) + 2) else p_wait_id end;
    v_wait    constant jsonb := workflow_pg_private.wire_wait_of(p_run_id, v_wait_id);
begin
    if v_wait is null then
        perform workflow_pg_private.refuse(
            'WF404', format('run %s has no wait %s', coalesce(p_run_id, 'null'),
                            coalesce(quote_literal(left(v_wait_id, 60)), 'null')),
            jsonb_build_object('entity', 'wait', 'id', v_wait_id, 'run_id', p_run_id));
    end if;

    return v_wait;
end;
$$;

comment on function workflow_pg.json_get_wait is
$$One wait, in the JSON of the World protocol: docs/json-door.md has its fields.

p_run_id   the run
p_wait_id  the wait: its correlation id, or <run id>-<correlation id>
returns    the wait; its status is waiting, completed, or cancelled when its run ended first
raises     WF404 no such wait$$;
