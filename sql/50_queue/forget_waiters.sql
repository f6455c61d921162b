-- Forget, between two run ids, waiters for the end of runs that were not heard of again.

create or replace function workflow_pg_private.forget_waiters(
    p_after  text,
    p_until  text,
    p_now    timestamptz
)
returns void
language plpgsql volatile
as $$
begin
    delete from workflow_pg_private.run_waiters as w
     where w.run_id > p_after
       and (p_until is null or w.run_id <= p_until)
       and w.expires_at < p_now;
end;
$$;

comment on function workflow_pg_private.forget_waiters is
    'Delete expired waiters with p_after < run_id <= p_until.';
