-- Which of these readers need not wait? Those that do are notified.
--
-- One call for all readers of a process: the poll that everything rests on, and the
-- announcement that makes writes notify. It must be committed before a reader waits.

create or replace function workflow_pg.announce_readers(
    p_reader_ids    text[],
    p_run_ids       text[],
    p_names         text[],
    p_next_indexes  bigint[],
    p_hints_for     interval default '30 seconds'
)
returns setof text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    perform workflow_pg_private.check_readers(p_reader_ids, p_run_ids, p_names);
    if p_next_indexes is null or cardinality(p_next_indexes) <> cardinality(p_reader_ids)
       or array_position(p_next_indexes, null) is not null
    then
        perform workflow_pg_private.refuse('WF400', 'each reader needs the index that it waits for',
                                           jsonb_build_object('argument', 'next indexes'));
    elsif p_hints_for not between interval '0 seconds' and interval '1 hour' then
        perform workflow_pg_private.refuse(
            'WF400', format('%s is no time to be notified for: 0 seconds to 1 hour are', p_hints_for),
            jsonb_build_object('argument', 'hints for'));
    end if;

    if p_hints_for is not null then
        -- In one order, so that two calls do not wait for each other. A row that is as it
        -- should be and does not expire soon is left alone: most polls write nothing.
        insert into workflow_pg_private.stream_readers as r (run_id, name, reader_id, next_index, expires_at)
        select distinct on (a.run_id, a.name, a.reader_id)
               a.run_id, a.name, a.reader_id, a.next_index, v_now + p_hints_for
          from unnest(p_reader_ids, p_run_ids, p_names, p_next_indexes) as a (reader_id, run_id, name, next_index)
         order by a.run_id, a.name, a.reader_id, a.next_index
            on conflict (run_id, name, reader_id) do update
           set next_index = excluded.next_index, expires_at = excluded.expires_at
         where r.next_index <> excluded.next_index
            or r.expires_at < v_now + p_hints_for / 2;
    end if;

    return query
    select a.reader_id
      from unnest(p_reader_ids, p_run_ids, p_names, p_next_indexes) as a (reader_id, run_id, name, next_index)
      join lateral (
               select from workflow_pg.streams as s
                where s.run_id = a.run_id
                  and s.name = a.name
                  and (s.chunk_count > a.next_index or s.closed_at is not null)
                limit 1) as news on true;
end;
$$;

comment on function workflow_pg.announce_readers is
$$Announce readers that are about to wait for more of a stream, and say which need not wait. Until it
expires, a write of what a reader waits for, and the closing of its stream, notify on channel
workflow_pg_streams with its id. That is a hint: call this every second all the same.

p_reader_ids    drawn by the caller, 0 to 1000 texts of 1 to 64 bytes
p_run_ids       for each, the run of its stream; it need not exist
p_names         for each, the stream, which need not exist yet
p_next_indexes  for each, the chunk that it waits for
p_hints_for     how long to notify, 0 seconds to 1 hour; null: not at all, only ask
returns         ids of those whose chunk is there or whose stream is closed
raises          WF400$$;
