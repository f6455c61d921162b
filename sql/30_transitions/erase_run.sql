-- Take a run and its log away.
--
-- The one exception to "events are only inserted": a log goes whole or not at all, and
-- only with its run.

create or replace function workflow_pg_private.erase_run(
    p_run_id  text,
    out events  bigint,
    out steps   bigint,
    out hooks   bigint,
    out waits   bigint
)
returns record
language plpgsql volatile
as $$
begin
    delete from workflow_pg_private.hook_tokens as t
     using workflow_pg.hooks as h
     where h.run_id = p_run_id
       and t.token = h.token
       and t.run_id = p_run_id;

    delete from workflow_pg.waits as w where w.run_id = p_run_id;
    get diagnostics waits = row_count;

    delete from workflow_pg.hooks as h where h.run_id = p_run_id;
    get diagnostics hooks = row_count;

    delete from workflow_pg.steps as s where s.run_id = p_run_id;
    get diagnostics steps = row_count;

    delete from workflow_pg.run_attributes as a where a.run_id = p_run_id;
    delete from workflow_pg_private.attribute_writes as w where w.run_id = p_run_id;
    delete from workflow_pg_private.append_keys as k where k.run_id = p_run_id;
    delete from workflow_pg_private.run_waiters as w where w.run_id = p_run_id;
    delete from workflow_pg_private.runs_to_purge as p where p.run_id = p_run_id;
    delete from workflow_pg_private.start_keys as k where k.run_id = p_run_id;
    delete from workflow_pg_private.imported_runs as i where i.run_id = p_run_id;

    delete from workflow_pg.events as e where e.run_id = p_run_id;
    get diagnostics events = row_count;

    delete from workflow_pg.runs as r where r.run_id = p_run_id;
end;
$$;

comment on function workflow_pg_private.erase_run is
    'Delete a run, which is locked, with its events, steps, hooks, waits, attributes, dedup keys and start key; how many there were.';
