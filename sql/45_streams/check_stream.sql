-- Is this a stream that there may be?
--
-- Its run need not exist: health checks answer on streams of runs that never were. So
-- its id is any text, which holds for streams only.

create or replace function workflow_pg_private.check_stream(
    p_run_id  text,
    p_name    text
)
returns void
language plpgsql immutable
as $$
begin
    perform workflow_pg_private.check_text('run id', p_run_id, 255);
    perform workflow_pg_private.check_text('stream name', p_name, 1024);
end;
$$;

comment on function workflow_pg_private.check_stream is
    'Raises WF400 unless p_run_id is a text of 1 to 255 bytes and p_name one of 1 to 1024.';
