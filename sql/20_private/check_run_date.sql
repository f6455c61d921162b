-- May a client have drawn this run id just now?
--
-- Its ULID is dated at most 24 hours back (a message may create its run late) and 5
-- minutes ahead. By the wall clock: clients draw ids with theirs, also in tests that
-- move ours.

create or replace function workflow_pg_private.check_run_date(p_run_id text)
returns void
language plpgsql volatile
as $$
declare
    c_alphabet constant text   := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    v_millis            bigint := 0::bigint;
    v_drawn_at          timestamptz;
begin
    for i in 6..15 loop
        v_millis := v_millis * 32 + strpos(c_alphabet, substr(p_run_id, i, 1)) - 1;
    end loop;
    v_drawn_at := to_timestamp(v_millis / 1000.0);

    if v_drawn_at not between clock_timestamp() - interval '24 hours'
                          and clock_timestamp() + interval '5 minutes'
    then
        perform workflow_pg_private.refuse(
            'WF400',
            format('run id %s is dated %s: at most 24 hours back and 5 minutes ahead are allowed',
                   p_run_id, workflow_pg_private.iso_time(v_drawn_at)),
            jsonb_build_object('argument', 'run id'),
            'Draw the id when the run is started, with a clock that is right.');
    end if;
end;
$$;

comment on function workflow_pg_private.check_run_date is
    'Raises WF400 unless p_run_id, already known to be well-formed, is dated within 24 hours back and 5 minutes ahead of the wall clock.';
