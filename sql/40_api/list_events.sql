-- One page of the log of a run.
--
-- The whole log is what replays read. So it has queries of its own, without a filter that
-- would have to be planned anew for each of them.

create or replace function workflow_pg.list_events(
    p_run_id          text,
    p_after           bigint default null,
    p_limit           integer default 1000,
    p_descending      boolean default false,
    p_with_payloads   boolean default true,
    p_correlation_id  text default null,
    p_cursor          text default null
)
returns setof workflow_pg.event_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_after constant bigint := coalesce((workflow_pg_private.read_cursor('events', p_cursor))[1]::bigint, p_after);
begin
    perform workflow_pg_private.check_limit(p_limit);
    if p_with_payloads then
        perform workflow_pg_private.refuse_purged(p_run_id);
    end if;

    if p_correlation_id is not null then
        return query
        select l.*
          from workflow_pg_private.read_log(
                   p_run_id, case when p_descending then 0 else coalesce(v_after, 0) end,
                   case when p_descending then v_after end, null, p_with_payloads) as l
         where l.correlation_id = p_correlation_id
         order by case when p_descending then -l.seq else l.seq end
         limit p_limit;
        return;
    elsif p_descending then
        return query
        select e.run_id, e.seq, 'evnt_' || lpad(e.seq::text, 26, '0'), e.event_type, e.correlation_id,
               e.created_at, e.spec_version::integer, e.facts, e.codec,
               case when p_with_payloads then e.payload end
          from workflow_pg.events as e
         where e.run_id = p_run_id
           and (v_after is null or e.seq < v_after)
         order by e.seq desc
         limit p_limit;
        return;
    end if;

    return query
    select l.*
      from workflow_pg_private.read_log(p_run_id, coalesce(v_after, 0), null, p_limit, p_with_payloads) as l;
end;
$$;

comment on function workflow_pg.list_events is
$$One page of the log of a run, in its order.

The log only grows at its end: a page that starts after the last seq read misses nothing.

p_run_id          the run; no row when there is no such run
p_after           seq to start after; null for the beginning
p_limit           1 to 1000 rows
p_descending      newest first; p_after is then a seq to stay below
p_with_payloads   whether to read payloads
p_correlation_id  only events of this step, hook, wait or call; null for all
p_cursor          event_id of the last event read, in place of p_after
returns           the events
raises            WF400 p_limit, p_cursor, WF410 payloads are asked for and were purged$$;
