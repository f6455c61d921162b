-- Lock a stream and take its next indexes; the first write creates it.
--
-- Lock and numbering are one statement, so indexes are dense and in commit order: a
-- reader that has seen an index has seen all before it.

create or replace function workflow_pg_private.number_chunks(
    p_run_id  text,
    p_name    text,
    p_count   integer
)
returns bigint
language plpgsql volatile
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
    v_expired_at   timestamptz;
    v_end          bigint;
begin
    update workflow_pg.streams as s
       set chunk_count = s.chunk_count + p_count
     where s.run_id = p_run_id
       and s.name = p_name
       and s.closed_at is null
 returning s.chunk_count
      into v_end;

    if not found then
        -- Absent, or closed, or created by another at this moment. Locked, so that a purge that
        -- is under way is over by now, and one that comes sees the stream.
        select r.expired_at
          into v_expired_at
          from workflow_pg.runs as r
         where r.run_id = p_run_id
           for key share;

        insert into workflow_pg.streams as s (run_id, name, place, chunk_count, created_at, closed_at)
        values (p_run_id, p_name, workflow_pg_private.next_stream_place(p_run_id),
                case when v_expired_at is null then p_count else 0 end, v_now,
                case when v_expired_at is not null then v_now end)
            on conflict (run_id, name) do update
           set chunk_count = s.chunk_count + excluded.chunk_count
         where s.closed_at is null
     returning s.chunk_count
          into v_end;
    end if;

    return case when v_expired_at is null then v_end - p_count end;
end;
$$;

comment on function workflow_pg_private.number_chunks is
    'Index of the first of p_count new chunks; the stream''s row stays locked until commit. Null when it is closed, as all streams of a purged run are.';
