-- The names of the streams of a run, as JSON.

create or replace function workflow_pg.json_list_streams(p_run_id text)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select coalesce(jsonb_agg(s.name), '[]')
          from workflow_pg.list_streams(p_run_id, null, 1000) as s
         where s.tail_index >= 0);
end;
$$;

comment on function workflow_pg.json_list_streams is
$$The streams of a run that have a chunk, in the order of their creation.

p_run_id  the run; none when it has no stream
returns   an array of names, of the first 1000 streams; list_streams has all$$;
