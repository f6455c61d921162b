-- Are these chunks that one write may carry?

create or replace function workflow_pg_private.check_chunks(p_chunks bytea[])
returns void
language plpgsql immutable
as $$
declare
    c_chunk_limit constant integer := 16777216;
    c_write_limit constant integer := 67108864;
    v_has_null             boolean;
    v_largest              integer;
    v_bytes                bigint;
begin
    if p_chunks is null or array_ndims(p_chunks) > 1 or cardinality(p_chunks) > 1000 then
        perform workflow_pg_private.refuse(
            'WF400', format('%s are no chunks of one write: a list of 0 to 1000 is needed',
                            coalesce(cardinality(p_chunks) || ' chunks', 'null')),
            jsonb_build_object('argument', 'chunks'));
    end if;

    select coalesce(bool_or(c.data is null), false), max(octet_length(c.data)), sum(octet_length(c.data))
      into v_has_null, v_largest, v_bytes
      from unnest(p_chunks) as c (data);

    if v_has_null then
        perform workflow_pg_private.refuse(
            'WF400', 'a chunk is null: empty bytes are a chunk, null is none',
            jsonb_build_object('argument', 'chunks'));
    elsif v_largest > c_chunk_limit then
        perform workflow_pg_private.refuse(
            'WF413', format('a chunk has %s bytes: at most %s are allowed', v_largest, c_chunk_limit),
            jsonb_build_object('bytes', v_largest, 'limit', c_chunk_limit),
            'Write it as several chunks.');
    elsif v_bytes > c_write_limit then
        perform workflow_pg_private.refuse(
            'WF413', format('the chunks of a write have %s bytes: at most %s are allowed', v_bytes, c_write_limit),
            jsonb_build_object('bytes', v_bytes, 'limit', c_write_limit),
            'Make several writes.');
    end if;
end;
$$;

comment on function workflow_pg_private.check_chunks is
    'Raises WF400 unless p_chunks is a list of 0 to 1000 chunks without null, WF413 when one has over 16 MiB or all have over 64 MiB.';
