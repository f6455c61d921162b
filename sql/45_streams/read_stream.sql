-- One page of the chunks of a stream, and how the stream stood at that moment.
--
-- One snapshot: when the page says that the stream is closed, its tail_index is final. A
-- page costs the same wherever in the stream it is: indexes are dense and a key.

create or replace function workflow_pg.read_stream(
    p_run_id  text,
    p_name    text,
    p_start   bigint default 0,
    p_limit   integer default 100
)
returns workflow_pg.stream_page
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_page_bytes constant integer := 1048576;
    c_most       constant bigint  := 9007199254740991;
    v_stream              workflow_pg.stream_detail;
    v_first               bigint;
    v_chunks              bytea[];
begin
    perform workflow_pg_private.check_stream(p_run_id, p_name);
    perform workflow_pg_private.check_limit(p_limit);
    if p_start is null or p_start not between -c_most and c_most then
        perform workflow_pg_private.refuse(
            'WF400', format('start %s is no index: %s to %s are', coalesce(p_start::text, 'null'), -c_most, c_most),
            jsonb_build_object('argument', 'start'));
    end if;

    v_stream := workflow_pg_private.stream_state(p_run_id, p_name);
    v_first := case when p_start >= 0 then p_start
                    else greatest(0, v_stream.tail_index + 1 + p_start) end;

    -- Lengths are read without the chunks themselves, which may be stored apart.
    select coalesce(array_agg(p.data order by p.index), '{}')
      into v_chunks
      from (select c.index, c.data, sum(octet_length(c.data)) over (order by c.index rows unbounded preceding) as bytes
              from (select k.index, k.data
                      from workflow_pg.stream_chunks as k
                     where k.run_id = p_run_id
                       and k.name = p_name
                       and k.index >= v_first
                       and k.index < v_first + p_limit
                     order by k.index
                     limit p_limit) as c) as p
     where p.bytes <= c_page_bytes
        or p.index = v_first;

    if v_first <= v_stream.tail_index and v_chunks = '{}' then
        perform workflow_pg_private.refuse_purged(p_run_id);
    end if;

    return (v_first, v_chunks, v_stream.tail_index, v_stream.closed_at is not null);
end;
$$;

comment on function workflow_pg.read_stream is
$$One page of the chunks of a stream. The next page starts at first_index + the number of chunks;
a stream that is closed and has no chunk from there on is at its end.

p_run_id  the run, 1 to 255 bytes
p_name    the stream, 1 to 1024 bytes; one that nobody has written to is empty and open
p_start   index to start at; negative: so many chunks before the end as it is now, or the beginning
p_limit   1 to 1000 chunks; a page also ends before it has more than 1 MiB, but not before its first
          chunk
returns   the page
raises    WF400, WF410 its chunks were purged with its run$$;
