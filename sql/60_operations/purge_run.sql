-- The payloads of a run that is over go; the run and its log stay.

create or replace function workflow_pg.purge_run(
    p_run_id  text,
    out events    bigint,
    out messages  bigint,
    out streams   bigint
)
returns record
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_status  workflow_pg.run_status;
    v_held    workflow_pg_private.messages;
begin
    select r.status
      into v_status
      from workflow_pg.runs as r
     where r.run_id = p_run_id
       for update;

    v_held := workflow_pg_private.held_delivery(p_run_id);
    perform workflow_pg_private.refuse_removal(p_run_id, v_status, v_held, 'purged');

    select p.events, p.messages, p.streams
      into events, messages, streams
      from workflow_pg_private.purge_runs(array[p_run_id]) as p;
end;
$$;

comment on function workflow_pg.purge_run is
$$Purge a run that is over: what it was given and what it made, as payloads of its events, as chunks of
its streams and in messages, is deleted, in one transaction. The run, its steps, its log and its
attributes stay; whoever asks for a payload gets WF410. There is no way back; a second time finds
nothing to do.

p_run_id  the run
events, streams  of how many of each payloads or chunks were deleted
messages  how many were deleted
raises    WF404 no such run, WF409 the run is not over, or a worker still executes a step of it$$;
