-- Where a page of the walk of maintain() ends: after so many live runs, dedup keys,
-- start keys that are not kept, or writers of streams, whichever comes first.

create or replace function workflow_pg_private.page_end(
    p_after  text,
    p_limit  integer
)
returns text
language plpgsql stable
as $$
declare
    v_live_end     text;
    v_keys_end     text;
    v_starts_end   text;
    v_writers_end  text;
begin
    select r.run_id
      into v_live_end
      from workflow_pg.runs as r
     where r.status in ('pending', 'running')
       and r.run_id > p_after
     order by r.run_id
    offset p_limit - 1
     limit 1;

    select k.run_id
      into v_keys_end
      from workflow_pg_private.append_keys as k
     where k.run_id > p_after
     order by k.run_id
    offset p_limit - 1
     limit 1;

    select k.run_id
      into v_starts_end
      from workflow_pg_private.start_keys as k
     where k.scope <> 'kept'
       and k.run_id > p_after
     order by k.run_id
    offset p_limit - 1
     limit 1;

    select w.run_id
      into v_writers_end
      from workflow_pg_private.stream_writers as w
     where w.run_id > p_after
     order by w.run_id
    offset p_limit - 1
     limit 1;

    return least(v_live_end, v_keys_end, v_starts_end, v_writers_end);
end;
$$;

comment on function workflow_pg_private.page_end is
    'Last run id of the page that starts after p_after; null when the rest fits in it.';
