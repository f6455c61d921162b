-- The events of a run between two positions, in their order.
--
-- In SQL and not in PL/pgSQL, so that it becomes a part of the query that calls it: a log
-- of many payloads is then not copied once more on its way.

create or replace function workflow_pg_private.read_log(
    p_run_id         text,
    p_after          bigint,
    p_before         bigint,
    p_limit          integer,
    p_with_payloads  boolean
)
returns setof workflow_pg.event_detail
language sql stable
as $$
    select e.run_id, e.seq, 'evnt_' || lpad(e.seq::text, 26, '0'), e.event_type, e.correlation_id,
           e.created_at, e.spec_version::integer, e.facts, e.codec,
           case when p_with_payloads then e.payload end
      from workflow_pg.events as e
     where e.run_id = p_run_id
       and e.seq > p_after
       and (p_before is null or e.seq < p_before)
     order by e.seq
     limit p_limit;
$$;

comment on function workflow_pg_private.read_log is
    'Events with p_after < seq < p_before, the oldest p_limit of them; null: no end, no limit.';
