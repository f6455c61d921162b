-- One page of the messages that were given up, newest first.

create or replace function workflow_pg.list_buried(
    p_limit              integer default 100,
    p_before             timestamptz default null,
    p_before_run_id      text default null,
    p_before_message_id  text default null
)
returns table (
    run_id         text,
    message_id     text,
    kind           workflow_pg.message_kind,
    deployment_id  text,
    serves         text,
    step_id        text,
    attempt        integer,
    created_at     timestamptz,
    buried_at      timestamptz,
    worker_id      text,
    last_error     text,
    run_status     workflow_pg.run_status
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform workflow_pg_private.check_limit(p_limit);

    return query
    select m.run_id, m.message_id, m.kind, m.deployment_id, m.serves, m.step_id, m.attempt, m.created_at,
           m.buried_at, m.worker_id, m.last_error, r.status
      from workflow_pg_private.messages as m
      left join workflow_pg.runs as r on r.run_id = m.run_id
     where m.buried_at is not null
       and not workflow_pg_private.is_probe(m.run_id)
       and (p_before is null
            or (m.buried_at, m.run_id, m.message_id)
             < (p_before, coalesce(p_before_run_id, ''), coalesce(p_before_message_id, '')))
     order by m.buried_at desc, m.run_id desc, m.message_id desc
     limit p_limit;
end;
$$;

comment on function workflow_pg.list_buried is
$$One page of the messages that were given up (bury_message), newest first. Those of health checks are left out.

p_limit              1 to 1000 rows
p_before             buried_at of the last row of the page before; null for the first page
p_before_run_id      run_id of that row
p_before_message_id  message_id of that row
serves      name of the step for kind step, else of the workflow
step_id     for kind step, else null
attempt     how often it was delivered since its last orderly return
worker_id   who gave it up
last_error  why
run_status  of its run: retry_run when it is final, requeue_messages when it is not; null when there is
            no such run
raises      WF400 p_limit$$;
