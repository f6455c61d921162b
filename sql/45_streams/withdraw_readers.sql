-- Readers that do not wait any more.

create or replace function workflow_pg.withdraw_readers(
    p_reader_ids  text[],
    p_run_ids     text[],
    p_names       text[]
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform workflow_pg_private.check_readers(p_reader_ids, p_run_ids, p_names);

    delete from workflow_pg_private.stream_readers as r
     using unnest(p_reader_ids, p_run_ids, p_names) as a (reader_id, run_id, name)
     where r.run_id = a.run_id
       and r.name = a.name
       and r.reader_id = a.reader_id;
end;
$$;

comment on function workflow_pg.withdraw_readers is
$$Forget readers that were announced: no notification is for them any more. Those that are not there
are no error.

p_reader_ids  as announced with announce_readers
p_run_ids     for each, the run of its stream
p_names       for each, the stream
raises        WF400$$;
