-- One page of the waits of a run, in the order of their ids.

create or replace function workflow_pg.list_waits(
    p_run_id      text,
    p_limit       integer default 100,
    p_descending  boolean default false,
    p_cursor      text default null
)
returns setof workflow_pg.wait_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_after constant text := (workflow_pg_private.read_cursor('waits', p_cursor))[1];
begin
    perform workflow_pg_private.check_limit(p_limit);

    if p_descending then
        return query
        select w.run_id, w.wait_id, w.status, w.spec_version::integer, w.resume_at, w.created_at, w.completed_at,
               'waits:' || w.wait_id
          from workflow_pg.waits as w
         where w.run_id = p_run_id
           and (v_after is null or w.wait_id < v_after)
         order by w.wait_id desc
         limit p_limit;
        return;
    end if;

    return query
    select w.run_id, w.wait_id, w.status, w.spec_version::integer, w.resume_at, w.created_at, w.completed_at,
           'waits:' || w.wait_id
      from workflow_pg.waits as w
     where w.run_id = p_run_id
       and w.wait_id > coalesce(v_after, '')
     order by w.wait_id
     limit p_limit;
end;
$$;

comment on function workflow_pg.list_waits is
$$One page of the sleeps of a run, ordered by id: those that go on and those that are over.

p_run_id      the run; no row when there is no such run
p_limit       1 to 1000 rows
p_descending  the greatest id first
p_cursor      cursor of the last row of the page before; null for the first page
returns       the waits, each with its cursor
raises        WF400 p_limit, p_cursor$$;
