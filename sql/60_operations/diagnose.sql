-- Is this database fit to run workflows, and what stands in the way?

create or replace function workflow_pg.diagnose(p_client_time timestamptz default null)
returns setof workflow_pg.finding
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    return query select f.* from workflow_pg_private.diagnose_server(p_client_time, clock_timestamp()) as f;
    return query select f.* from workflow_pg_private.diagnose_settings() as f;
    return query select f.* from workflow_pg_private.diagnose_transactions(interval '5 minutes', interval '1 hour') as f;
    return query select f.* from workflow_pg_private.diagnose_tables(10000) as f;
    return query select f.* from workflow_pg_private.diagnose_workers() as f;
    return query select f.* from workflow_pg_private.diagnose_queue(v_now) as f;
    return query select f.* from workflow_pg_private.diagnose_runs(v_now) as f;
end;
$$;

comment on function workflow_pg.diagnose is
$$Examine the server, the tables, the workers, the queue and the runs; one finding per thing. Reads every
message and walks all live runs: for people and for alarms every minute, not for every request.

p_client_time  what the caller's clock shows, to compare it with the database's; null: not compared
returns        the findings: server, connections, clock, fsync, full_page_writes, synchronous_commit,
               autovacuum, track_counts, transactions, vacuum, workers, served, leases, backlog, buried,
               runs$$;
