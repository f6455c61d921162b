-- One page of the chunks of a stream, as JSON.

create or replace function workflow_pg.json_read_stream(
    p_run_id  text,
    p_name    text,
    p_params  jsonb default null
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_params constant jsonb := workflow_pg_private.wire_object('params', p_params);
    v_cursor constant text  := workflow_pg_private.wire_text(v_params, 'cursor');
    v_page            workflow_pg.stream_page;
    v_next            bigint;
begin
    if v_cursor !~ '^\d{1,15}$' then
        perform workflow_pg_private.refuse(
            'WF400', format('cursor %s is malformed', quote_literal(left(v_cursor, 60))),
            jsonb_build_object('argument', 'cursor'), 'Begin without a cursor.');
    end if;

    v_page := workflow_pg.read_stream(
        workflow_pg_private.wire_stream_run(p_run_id, p_name), p_name,
        coalesce(v_cursor::bigint, workflow_pg_private.wire_integer(v_params, 'startIndex', 0)),
        workflow_pg_private.wire_small(v_params, 'limit', 100));
    v_next := v_page.first_index + cardinality(v_page.chunks);

    return jsonb_build_object(
        'data', (select coalesce(jsonb_agg(jsonb_build_object(
                                     'index', v_page.first_index + c.place - 1,
                                     'data', workflow_pg_private.wire_bytes(c.data)) order by c.place), '[]')
                   from unnest(v_page.chunks) with ordinality as c (data, place)),
        'cursor', case when v_next <= v_page.tail_index then v_next::text end,
        'hasMore', v_next <= v_page.tail_index,
        'done', v_page.is_closed,
        'tailIndex', v_page.tail_index);
end;
$$;

comment on function workflow_pg.json_read_stream is
$$One page of the chunks of a stream, of one moment. read_stream returns the same as bytes.

p_run_id  the run; null where the name says it: strm_<ULID>_...
p_name    the stream, 1 to 1024 bytes; one that nobody has written to is empty and open
p_params  {startIndex?, cursor?, limit?}: startIndex negative: so many before the end; limit 1 to 1000,
          100 when absent; a page also ends before it has over 1 MiB; null for none
returns   {data: [{index, data}], cursor, hasMore, done, tailIndex}; cursor is null on the last page;
          done: the stream is closed, though there may be more pages
raises    WF400$$;
