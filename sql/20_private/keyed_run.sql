-- The run that a start key stands for, or null when the key is free.
--
-- The key's row is locked by the caller. The run's is not: one that is just ending is
-- still live until its end is committed.

create or replace function workflow_pg_private.keyed_run(
    p_key  workflow_pg_private.start_keys,
    p_now  timestamptz
)
returns workflow_pg.runs
language plpgsql stable
as $$
declare
    v_run workflow_pg.runs;
begin
    select r.*
      into v_run
      from workflow_pg.runs as r
     where r.run_id = p_key.run_id
       and case p_key.scope
               when 'live'  then r.completed_at is null
               when 'timed' then p_key.expires_at > p_now
               else true
           end;

    return v_run;
end;
$$;

comment on function workflow_pg_private.keyed_run is
    'The run that a start key stands for at p_now; null when it stands for none any more.';
