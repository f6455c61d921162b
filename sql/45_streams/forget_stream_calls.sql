-- Forget, between two run ids, what nobody will ask for any more: writes that are too old
-- to be repeated, and readers that were not heard of again.

create or replace function workflow_pg_private.forget_stream_calls(
    p_after  text,
    p_until  text,
    p_now    timestamptz
)
returns integer
language plpgsql volatile
as $$
declare
    v_writers integer;
begin
    delete from workflow_pg_private.stream_writers as w
     where w.run_id > p_after
       and (p_until is null or w.run_id <= p_until)
       and w.written_at < p_now - interval '1 hour'
       and (exists (select from workflow_pg.streams as s
                     where s.run_id = w.run_id and s.name = w.name and s.closed_at is not null)
            or exists (select from workflow_pg.runs as r
                        where r.run_id = w.run_id and r.completed_at is not null));
    get diagnostics v_writers = row_count;

    delete from workflow_pg_private.stream_readers as r
     where r.run_id > p_after
       and (p_until is null or r.run_id <= p_until)
       and r.expires_at < p_now;

    return v_writers;
end;
$$;

comment on function workflow_pg_private.forget_stream_calls is
    'Delete expired readers, and writers whose newest write is an hour old and whose stream is closed or run final, with p_after < run_id <= p_until. Returns how many writers.';
