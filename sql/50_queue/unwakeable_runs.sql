-- The promise that no run is forgotten, as a query that must return nothing.

create or replace function workflow_pg.unwakeable_runs()
returns table (run_id text, violation text, entity_id text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select u.run_id, u.violation, u.entity_id
      from workflow_pg_private.find_unwakeable('', null, 'infinity') as u
     order by u.run_id, u.violation, u.entity_id;
end;
$$;

comment on function workflow_pg.unwakeable_runs is
$$Live runs that nothing would ever wake; empty in a sound database. maintain() mends what it finds.

returns  run_id; violation and entity_id:
         run   it has no message, no sleep ahead, no hook to be resumed and no step under way
         step  a step that is not final and has no dispatch
         wait  a sleep that is over and not completed, with no message to replay the run$$;
