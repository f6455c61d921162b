-- Is this how a writer numbers its writes?

create or replace function workflow_pg_private.check_writer(
    p_writer  text,
    p_seq     bigint
)
returns void
language plpgsql immutable
as $$
begin
    if p_writer is null and p_seq is null then
        return;
    end if;

    perform workflow_pg_private.check_text('writer', p_writer, 255);
    if p_seq is null or p_seq < 0 then
        perform workflow_pg_private.refuse(
            'WF400', format('seq %s is no number of a write: 0, 1, 2, ... are', coalesce(p_seq::text, 'null')),
            jsonb_build_object('argument', 'seq'),
            'Pass writer and seq, or neither.');
    end if;
end;
$$;

comment on function workflow_pg_private.check_writer is
    'Raises WF400 unless both are null, or p_writer is a text of 1 to 255 bytes and p_seq is not negative.';
