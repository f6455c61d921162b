-- Was this write made before? Then where its chunks are.
--
-- A writer has at most one write under way, so its newest one is all that can ever be
-- repeated, and all that is kept. An older number comes late: from a try that was given
-- up while it was still on its way.

create or replace function workflow_pg_private.repeated_write(
    p_run_id  text,
    p_name    text,
    p_writer  text,
    p_seq     bigint,
    p_digest  bytea
)
returns bigint
language plpgsql stable
as $$
declare
    v_newest workflow_pg_private.stream_writers;
begin
    select w.*
      into v_newest
      from workflow_pg_private.stream_writers as w
     where w.run_id = p_run_id
       and w.name = p_name
       and w.writer = p_writer;

    if v_newest.seq > p_seq then
        perform workflow_pg_private.refuse(
            'WF409', format('write %s of writer %s comes late: it has made write %s since', p_seq, quote_literal(p_writer), v_newest.seq),
            jsonb_build_object('entity', 'stream_write', 'run_id', p_run_id, 'name', p_name, 'writer', p_writer,
                               'seq', p_seq, 'newest_seq', v_newest.seq),
            'A writer has one write under way and counts up.');
    elsif v_newest.seq = p_seq and v_newest.digest <> p_digest then
        perform workflow_pg_private.refuse(
            'WF409', format('write %s of writer %s stands for other chunks', p_seq, quote_literal(p_writer)),
            jsonb_build_object('entity', 'stream_write', 'run_id', p_run_id, 'name', p_name, 'writer', p_writer, 'seq', p_seq),
            'Give each new write the next number.');
    end if;

    return case when v_newest.seq = p_seq then v_newest.first_index end;
end;
$$;

comment on function workflow_pg_private.repeated_write is
    'Index of the first chunk of the same write, made before; null when it was not. Raises WF409 when the number stands for other chunks or an earlier write.';
