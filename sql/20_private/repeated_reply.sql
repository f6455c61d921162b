-- The reply to an append that was made before, read back from its event.

create or replace function workflow_pg_private.repeated_reply(
    p_run_id  text,
    p_seq     bigint
)
returns workflow_pg.append_reply
language plpgsql stable
as $$
declare
    v_reply workflow_pg.append_reply;
begin
    select e.run_id, e.seq, e.event_type, e.correlation_id, e.created_at, r.status,
           case when e.event_type = 'step_started' then (e.facts ->> 'attempt')::integer
                when e.event_type between 'step_created' and 'step_failed' then
                     (select count(*)::integer
                        from workflow_pg.events as b
                       where b.run_id = e.run_id
                         and b.seq < e.seq
                         and b.event_type = 'step_started'
                         and b.correlation_id = e.correlation_id) end,
           e.facts ->> 'conflictingRunId'
      into v_reply
      from workflow_pg.events as e
      join workflow_pg.runs as r on r.run_id = e.run_id
     where e.run_id = p_run_id
       and e.seq = p_seq;

    return v_reply;
end;
$$;

comment on function workflow_pg_private.repeated_reply is
    'The reply that the append at position p_seq gave, with the run''s status as it is now.';
