-- A health check that nobody has answered in time: its message goes.
--
-- Else it would wait for a worker that serves its queue, for an hour, and an answer that
-- nobody reads. One that a worker has in hand is acknowledged by that worker.

create or replace function workflow_pg.withdraw_probe(p_run_id text)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if workflow_pg_private.is_probe(p_run_id) is not true then
        perform workflow_pg_private.refuse(
            'WF400', format('%s is no health check: wrun_hc_ and its correlation id are needed',
                            coalesce(left(p_run_id, 100), 'null')),
            jsonb_build_object('argument', 'run id'));
    end if;

    delete from workflow_pg_private.messages as m
     where m.run_id = p_run_id
       and m.lease_token is null;
end;
$$;

comment on function workflow_pg.withdraw_probe is
$$Take back the message of a health check, when its sender has given up. One that a worker is handling stays;
one that is gone already is no error.

p_run_id  the invented run of the check, wrun_hc_ and its correlation id
raises    WF400 p_run_id$$;
