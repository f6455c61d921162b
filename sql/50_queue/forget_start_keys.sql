-- Forget, between two run ids, the start keys that stand for nothing any more.
--
-- A start may take a key over while we wait for its row; every condition is one that the
-- new row does not meet. A run that is not there may be one that we do not see yet, so
-- the key has to be old.

create or replace function workflow_pg_private.forget_start_keys(
    p_after  text,
    p_until  text,
    p_now    timestamptz
)
returns integer
language plpgsql volatile
as $$
declare
    v_ended  integer;
    v_rest   integer;
begin
    delete from workflow_pg_private.start_keys as k
     using workflow_pg.runs as r
     where k.run_id > p_after
       and (p_until is null or k.run_id <= p_until)
       and k.scope = 'live'
       and r.run_id = k.run_id
       and r.completed_at is not null;
    get diagnostics v_ended = row_count;

    delete from workflow_pg_private.start_keys as k
     where k.run_id > p_after
       and (p_until is null or k.run_id <= p_until)
       and (k.expires_at <= p_now
            or (k.claimed_at < p_now - interval '1 hour'
                and not exists (select from workflow_pg.runs as r
                                 where r.run_id = k.run_id)));
    get diagnostics v_rest = row_count;

    return v_ended + v_rest;
end;
$$;

comment on function workflow_pg_private.forget_start_keys is
    'Delete start keys that are free, with p_after < run_id <= p_until: their time is over, their run is final or gone. Returns how many.';
