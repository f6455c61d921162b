-- Do these lists say which readers wait for which streams?

create or replace function workflow_pg_private.check_readers(
    p_reader_ids  text[],
    p_run_ids     text[],
    p_names       text[]
)
returns void
language plpgsql immutable
as $$
begin
    if p_reader_ids is null or p_run_ids is null or p_names is null
       or cardinality(p_reader_ids) > 1000
       or cardinality(p_reader_ids) <> cardinality(p_run_ids)
       or cardinality(p_reader_ids) <> cardinality(p_names)
    then
        perform workflow_pg_private.refuse(
            'WF400', 'readers, runs and streams are to be lists of one length, 0 to 1000',
            jsonb_build_object('argument', 'reader ids'));
    end if;

    -- A reader id is the payload of notifications, which are short.
    perform workflow_pg_private.check_text('reader id', r.reader_id, 64),
            workflow_pg_private.check_stream(r.run_id, r.name)
       from unnest(p_reader_ids, p_run_ids, p_names) as r (reader_id, run_id, name);
end;
$$;

comment on function workflow_pg_private.check_readers is
    'Raises WF400 unless the lists are of one length up to 1000, reader ids texts of 1 to 64 bytes, and runs and names those of streams.';
