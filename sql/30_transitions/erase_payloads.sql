-- Take the payloads of runs away, and leave all else of them.
--
-- With erase_run the one exception to "events are only inserted". What still comes for such
-- a run, the end of a step that was running, is recorded without its payload (emit_event).

create or replace function workflow_pg_private.erase_payloads(
    p_run_ids  text[],
    p_now      timestamptz
)
returns bigint
language plpgsql volatile
as $$
declare
    v_events bigint;
begin
    update workflow_pg.events as e
       set payload = null
     where e.run_id = any (p_run_ids)
       and e.payload is not null;
    get diagnostics v_events = row_count;

    update workflow_pg.runs as r
       set expired_at = p_now
     where r.run_id = any (p_run_ids)
       and r.expired_at is null;

    delete from workflow_pg_private.runs_to_purge as p
     where p.run_id = any (p_run_ids);

    return v_events;
end;
$$;

comment on function workflow_pg_private.erase_payloads is
    'Null the payloads of runs that are final and locked, and note when; how many events had one.';
