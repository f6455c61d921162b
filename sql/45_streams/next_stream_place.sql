-- The place of a new stream behind those that its run has.
--
-- Nothing is locked for it: two streams created at once may get one place, and are
-- listed by name then. A stream that was there before is always listed before.

create or replace function workflow_pg_private.next_stream_place(p_run_id text)
returns integer
language plpgsql stable
as $$
declare
    v_last integer;
begin
    select s.place
      into v_last
      from workflow_pg.streams as s
     where s.run_id = p_run_id
     order by s.place desc
     limit 1;

    return coalesce(v_last, 0) + 1;
end;
$$;

comment on function workflow_pg_private.next_stream_place is
    'One more than the highest place among the streams of the run.';
