-- What the messages of a run say about why it does not move.
--
-- The message of a step that a delivery executes itself says nothing while that lives.

create or replace function workflow_pg_private.why_messages(
    p_run_id  text,
    p_now     timestamptz
)
returns table (cause text, due_at timestamptz, sentence text)
language plpgsql stable
as $$
begin
    return query
    select c.cause, m.due_at,
           case c.cause
               when 'buried' then format('message %s was given up: %s', m.message_id, m.last_error)
               when 'leased' then format('worker %s is handling %s, delivery %s', m.worker_id, w.what, m.attempt)
               when 'delayed' then format('%s is due at %s%s', w.what, workflow_pg_private.iso_time(m.due_at),
                                          '; its last delivery failed: ' || m.last_error)
               when 'unserved' then format('no live worker serves %s in deployment %s%s', m.serves, m.deployment_id,
                                           ', namespace ' || substring(m.queue_name from '^__([a-z][a-z0-9]*)_wkf_'))
               else format('%s is queued and waits for a free worker', w.what)
           end
      from workflow_pg_private.messages as m
     cross join lateral (
               select case when m.buried_at is not null then 'buried'
                           when m.lease_until > p_now then 'leased'
                           when m.due_at > p_now then 'delayed'
                           when not workflow_pg_private.is_served(m, p_now) then 'unserved'
                           else 'queued' end as cause) as c
     cross join lateral (
               select case when m.kind = 'step' then format('step %s', m.step_id) else 'a replay' end as what) as w
     where m.run_id = p_run_id
       and not workflow_pg_private.is_held(m);
end;
$$;

comment on function workflow_pg_private.why_messages is
    'One row per message of the run: buried, leased, delayed, unserved or queued.';
