-- One page of the log of a run as the protocol writes it.
--
-- The length of a payload is known without reading it, so a page is cut before any is read.

create or replace function workflow_pg_private.wire_log(
    p_run_id          text,
    p_correlation_id  text,
    p_after           bigint,
    p_before          bigint,
    p_limit           integer,
    p_descending      boolean,
    p_all             boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    c_page_bytes constant integer := 16777216;
    v_data                jsonb;
    v_last                text;
    v_count               bigint;
    v_there               bigint;
begin
    perform workflow_pg_private.check_limit(p_limit);

    with head as materialized (
        (select e.seq, octet_length(e.payload) as bytes, e.seq as place
           from workflow_pg.events as e
          where not p_descending
            and e.run_id = p_run_id
            and e.seq > coalesce(p_after, 0)
            and (p_before is null or e.seq < p_before)
            and (p_correlation_id is null or e.correlation_id = p_correlation_id)
          order by e.seq
          limit p_limit + 1)
         union all
        (select e.seq, octet_length(e.payload), -e.seq
           from workflow_pg.events as e
          where p_descending
            and e.run_id = p_run_id
            and (p_after is null or e.seq < p_after)
            and (p_correlation_id is null or e.correlation_id = p_correlation_id)
          order by e.seq desc
          limit p_limit + 1)
    ), page as (
        select h.seq, h.place, row_number() over (order by h.place) as number,
               sum(case when p_all then h.bytes end) over (order by h.place) as bytes
          from head as h
    ), chosen as (
        select p.seq, p.place,
               ('evnt_' || lpad(p.seq::text, 26, '0')) as event_id
          from page as p
         where p.number = 1
            or p.number <= p_limit and coalesce(p.bytes, 0) <= c_page_bytes
    )
    select coalesce(jsonb_agg(workflow_pg_private.wire_event(
               (e.run_id, e.seq, c.event_id, e.event_type, e.correlation_id, e.created_at,
                e.spec_version::integer, e.facts, e.codec, case when p_all then e.payload end), p_all)
               order by c.place), '[]'),
           (array_agg(c.event_id order by c.place desc))[1], count(*), (select count(*) from head)
      into v_data, v_last, v_count, v_there
      from chosen as c
      join workflow_pg.events as e on e.run_id = p_run_id and e.seq = c.seq;

    return jsonb_build_object('data', v_data, 'cursor', v_last, 'hasMore', v_there > v_count);
end;
$$;

comment on function workflow_pg_private.wire_log is
    '{data, cursor, hasMore} of events, of one entity when p_correlation_id is not null, ascending ones before p_before when that is not null; up to p_limit and 16 MiB of payloads. Raises WF400 p_limit.';
