-- Purge runs that are final and locked: their payloads, chunks and messages.

create or replace function workflow_pg_private.purge_runs(
    p_run_ids  text[],
    out events    bigint,
    out messages  bigint,
    out streams   bigint
)
returns record
language plpgsql volatile
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    delete from workflow_pg_private.messages as m where m.run_id = any (p_run_ids);
    get diagnostics messages = row_count;

    streams := workflow_pg_private.empty_streams(p_run_ids, v_now);
    events  := workflow_pg_private.erase_payloads(p_run_ids, v_now);
end;
$$;

comment on function workflow_pg_private.purge_runs is
    'Take the payloads, the chunks of streams and the messages of runs away; of how many events and streams, and how many messages.';
