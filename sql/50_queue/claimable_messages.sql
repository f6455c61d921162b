-- Due messages for one name of one deployment, locked until commit.
--
-- Two index walks: pending ones in the order of their due time, and leased ones whose
-- lease has ended, of which there are as many as workers have died lately.
--
-- Of the replays of a run that are due only the first is offered, and none while one is
-- leased: two claims at the same moment see no lease of each other, but they want the
-- same row. A delivery whose handler executes a step itself (held_by) is no replay for as
-- long: a sleep that races with the step is to end in time. That step's own message is not
-- offered while the delivery lives.

create or replace function workflow_pg_private.claimable_messages(
    p_deployment_id  text,
    p_name           text,
    p_queues         text[],
    p_prefix         text,
    p_now            timestamptz,
    p_limit          integer
)
returns table (run_id text, message_id text, kind workflow_pg.message_kind, due_at timestamptz)
language plpgsql volatile
as $$
begin
    return query
    select m.run_id, m.message_id, m.kind, m.due_at
      from workflow_pg_private.messages as m
     where m.deployment_id = p_deployment_id
       and m.serves = p_name
       and (m.queue_name = any (p_queues) or starts_with(m.queue_name, p_prefix))
       and m.lease_token is null
       and m.buried_at is null
       and m.due_at <= p_now
       and (m.held_by is null or not exists (
               select
                 from workflow_pg_private.messages as h
                where h.run_id = m.run_id
                  and h.message_id = m.held_by
                  and h.buried_at is null))
       and (m.kind = 'step' or not exists (
               select
                 from workflow_pg_private.messages as o
                where o.run_id = m.run_id
                  and o.kind <> 'step'
                  and o.buried_at is null
                  and (o.lease_until > p_now and not exists (
                           select
                             from workflow_pg_private.messages as d
                            where d.run_id = o.run_id
                              and d.held_by = o.message_id)
                       or coalesce(o.lease_until, o.due_at) <= p_now
                          and o.serves = m.serves
                          and o.queue_name = m.queue_name
                          and o.deployment_id = m.deployment_id
                          and (o.due_at, o.message_id) < (m.due_at, m.message_id))))
     order by m.due_at
     limit p_limit
       for update of m skip locked;

    return query
    select m.run_id, m.message_id, m.kind, m.due_at
      from workflow_pg_private.messages as m
     where m.deployment_id = p_deployment_id
       and m.serves = p_name
       and (m.queue_name = any (p_queues) or starts_with(m.queue_name, p_prefix))
       and m.lease_token is not null
       and m.lease_until <= p_now
       and (m.kind = 'step' or not exists (
               select
                 from workflow_pg_private.messages as o
                where o.run_id = m.run_id
                  and o.kind <> 'step'
                  and o.buried_at is null
                  and (o.lease_until > p_now and not exists (
                           select
                             from workflow_pg_private.messages as d
                            where d.run_id = o.run_id
                              and d.held_by = o.message_id)
                       or coalesce(o.lease_until, o.due_at) <= p_now
                          and o.serves = m.serves
                          and o.queue_name = m.queue_name
                          and o.deployment_id = m.deployment_id
                          and (o.due_at, o.message_id) < (m.due_at, m.message_id))))
     order by m.due_at
     limit p_limit
       for update of m skip locked;
end;
$$;

comment on function workflow_pg_private.claimable_messages is
    'Up to p_limit pending and p_limit expired messages that a worker of p_name may claim now, locked; of the queues that are named, and of those that begin with p_prefix when it is not null.';
