-- Tell readers that wait for these chunks that they are there.
--
-- A hint only: readers poll every second whatever happens here. It is sent just to who
-- has announced itself, and stops soon when that reader does not come: a NOTIFY in every
-- commit is dear, and a reader that lags reads on without being told. It is sent a few
-- chunks longer than needed, for an announcement that has crossed the write before.

create or replace function workflow_pg_private.notify_readers(
    p_run_id  text,
    p_name    text,
    p_first   bigint,
    p_end     bigint
)
returns void
language plpgsql volatile
as $$
declare
    c_slack constant integer     := 10;
    v_now   constant timestamptz := workflow_pg_private.clock();
begin
    perform pg_notify('workflow_pg_streams', r.reader_id)
       from workflow_pg_private.stream_readers as r
      where r.run_id = p_run_id
        and r.name = p_name
        and r.expires_at > v_now
        and (p_first is null or (r.next_index >= p_first - c_slack and r.next_index < p_end));
end;
$$;

comment on function workflow_pg_private.notify_readers is
    'NOTIFY workflow_pg_streams with the id of each announced reader that waits for a chunk from p_first to before p_end; null for all of the stream.';
