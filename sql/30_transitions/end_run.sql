-- What ends with a run: its hooks give their tokens back, its waits are cancelled, the
-- messages that nobody has begun to handle go.
--
-- Steps stay as they are: one that is running may still finish.

create or replace function workflow_pg_private.end_run(p_run workflow_pg.runs)
returns void
language plpgsql volatile
as $$
declare
    v_tokens text[];
begin
    with disposed as (
        update workflow_pg.hooks as h
           set status      = 'disposed',
               disposed_at = p_run.last_event_at
         where h.run_id = p_run.run_id
           and h.status = 'live'
     returning h.token
    )
    select array_agg(d.token order by d.token)
      into v_tokens
      from disposed as d;

    if v_tokens is not null then
        delete from workflow_pg_private.hook_tokens as t
         where t.token = any (v_tokens)
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
    'Dispose the live hooks of a run, free their tokens, cancel its waits, delete its pending messages.';
