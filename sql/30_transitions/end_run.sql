-- What ends with a run: its hooks give their tokens back, unless they retain them, its waits are cancelled, the
-- messages that nobody has begun to handle go. Who waits for the end is told.
--
-- Steps stay as they are: one that is running may still finish.
--
-- The notification is a hint: it is sent just to who has announced itself, who polls all
-- the same, and nothing is written for it. It is no statement of its own, and no function,
-- because the end of a run is paid by every run: so it costs half as much.

create or replace function workflow_pg_private.end_run(p_run workflow_pg.runs)
returns void
language plpgsql volatile
as $$
declare
    r_ended record;
begin
    with disposed as (
        update workflow_pg.hooks as h
           set status      = 'disposed',
               disposed_at = p_run.last_event_at
         where h.run_id = p_run.run_id
           and h.status = 'live'
           and not exists (select from workflow_pg_private.hook_tokens as t
                            where t.token = h.token
                              and t.run_id = h.run_id
                              and t.hook_id = h.hook_id
                              and t.retained_until > p_run.last_event_at)
     returning h.token
    )
    select array_agg(d.token order by d.token) as tokens,
           array(select pg_notify('workflow_pg_runs', w.waiter_id)::text
                   from workflow_pg_private.run_waiters as w
                  where w.run_id = p_run.run_id
                    and w.expires_at > p_run.last_event_at) as told
      into r_ended
      from disposed as d;

    if r_ended.tokens is not null then
        delete from workflow_pg_private.hook_tokens as t
         where t.token = any (r_ended.tokens)
           and t.run_id = p_run.run_id;
    end if;

    update workflow_pg.waits as w
       set status = 'cancelled'
     where w.run_id = p_run.run_id
       and w.status = 'waiting';

    delete from workflow_pg_private.messages as m
     where m.run_id = p_run.run_id
       and m.lease_token is null
       and m.buried_at is null;
end;
$$;

comment on function workflow_pg_private.end_run is
    'Dispose the live hooks of a run, free their tokens, cancel its waits, delete its pending messages, notify who waits for its end.';
