-- One page of the log of a run.

create or replace function workflow_pg.list_events(
    p_run_id         text,
    p_after          bigint default null,
    p_limit          integer default 1000,
    p_descending     boolean default false,
    p_with_payloads  boolean default true
)
returns setof workflow_pg.event_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform workflow_pg_private.check_limit(p_limit);

    if p_descending then
        return query
        select e.run_id, e.seq, 'evnt_' || lpad(e.seq::text, 26, '0'), e.event_type, e.correlation_id,
               e.created_at, e.spec_version::integer, e.facts, e.codec,
               case when p_with_payloads then e.payload end
          from workflow_pg.events as e
         where e.run_id = p_run_id
           and (p_after is null or e.seq < p_after)
         order by e.seq desc
         limit p_limit;
        return;
    end if;

    return query
    select l.*
      from workflow_pg_private.read_log(p_run_id, coalesce(p_after, 0), null, p_limit, p_with_payloads) as l;
end;
$$;

comment on function workflow_pg.list_events is
$$One page of the log of a run, in its order.

The log only grows at its end: a page that starts after the last seq read misses nothing.

p_run_id         the run; no row when there is no such run
p_after          seq to start after; null for the beginning
p_limit          1 to 1000 rows
p_descending     newest first; p_after is then a seq to stay below
p_with_payloads  whether to read payloads
returns          the events
raises           WF400 p_limit$$;
