-- One page of the streams of a run, in the order of their creation.

create or replace function workflow_pg.list_streams(
    p_run_id  text,
    p_after   text default null,
    p_limit   integer default 100
)
returns setof workflow_pg.stream_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place integer := 0;
begin
    perform workflow_pg_private.check_limit(p_limit);

    if p_after is not null then
        select s.place
          into v_place
          from workflow_pg.streams as s
         where s.run_id = p_run_id
           and s.name = p_after;

        if not found then
            perform workflow_pg_private.refuse(
                'WF404', format('run %s has no stream %s', coalesce(p_run_id, 'null'), quote_literal(left(p_after, 60))),
                jsonb_build_object('entity', 'stream', 'id', p_after, 'run_id', p_run_id));
        end if;
    end if;

    return query
    select s.run_id, s.name, s.chunk_count - 1, s.created_at, s.closed_at
      from workflow_pg.streams as s
     where s.run_id = p_run_id
       and (s.place, s.name) > (v_place, coalesce(p_after, ''))
     order by s.place, s.name
     limit p_limit;
end;
$$;

comment on function workflow_pg.list_streams is
$$One page of the streams of a run that were written to or closed, in the order of their creation;
those of the SDK itself are among them.

p_run_id  the run; no row when it has no stream
p_after   name of the last row of the page before; null for the first page
p_limit   1 to 1000 rows
returns   the streams
raises    WF400 p_limit, WF404 p_after is no stream of the run$$;
