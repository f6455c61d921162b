-- Append chunks to a stream, answered as JSON.

create or replace function workflow_pg.json_write_stream(
    p_run_id  text,
    p_name    text,
    p_chunks  bytea[],
    p_params  jsonb default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_params constant jsonb := workflow_pg_private.wire_object('params', p_params);
    v_write           workflow_pg.stream_write;
begin
    v_write := workflow_pg.write_stream(
        workflow_pg_private.wire_stream_run(p_run_id, p_name), p_name, p_chunks,
        workflow_pg_private.wire_text(v_params, 'writerId'), workflow_pg_private.wire_integer(v_params, 'chunkSeq'));

    return workflow_pg_private.wire_compact(jsonb_build_object(
        'firstIndex', v_write.first_index, 'count', v_write.chunk_count, 'isClosed', v_write.is_closed));
end;
$$;

comment on function workflow_pg.json_write_stream is
$$Append chunks to a stream in one operation, in order. Durable when it returns. A write to a closed
stream is ignored and says so.

p_run_id  the run, which need not exist; null where the name says it: strm_<ULID>_...
p_name    the stream, 1 to 1024 bytes; the first write creates it
p_chunks  0 to 1000 chunks of at most 16 MiB, together at most 64 MiB
p_params  {writerId?, chunkSeq?}: a repeat of a writer's newest write returns the first answer; null
          for none
returns   {firstIndex?, count, isClosed}
raises    WF400, WF409 the number stands for other chunks or for a write before the newest, WF413$$;
