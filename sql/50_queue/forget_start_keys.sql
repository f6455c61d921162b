-- Forget, between two run ids, the start keys that stand for nothing any more.
--
-- A key that a start is just taking over is left to the next walk: a caller may keep its
-- transaction open for long, and housekeeping waits for nobody. A run that is not there may
-- be one that we do not see yet, so the key has to be old. Keys that are kept go with their
-- run, and are not walked over.

create or replace function workflow_pg_private.forget_start_keys(
    p_after  text,
    p_until  text,
    p_now    timestamptz
)
returns integer
language plpgsql volatile
as $$
declare
    v_forgotten integer;
begin
    with free as (
        select k.start_key
          from workflow_pg_private.start_keys as k
         where k.run_id > p_after
           and (p_until is null or k.run_id <= p_until)
           and k.scope <> 'kept'
           and (k.expires_at <= p_now
                or k.scope = 'live'
                   and exists (select from workflow_pg.runs as r
                                where r.run_id = k.run_id
                                  and r.completed_at is not null)
                or k.claimed_at < p_now - interval '1 hour'
                   and not exists (select from workflow_pg.runs as r
                                    where r.run_id = k.run_id))
         order by k.start_key
           for update of k skip locked
    )
    delete from workflow_pg_private.start_keys as k
     using free as f
     where k.start_key = f.start_key;
    get diagnostics v_forgotten = row_count;

    return v_forgotten;
end;
$$;

comment on function workflow_pg_private.forget_start_keys is
    'Delete start keys that are free, with p_after < run_id <= p_until: their time is over, their run is final or gone. Returns how many.';
