-- Is the caller a worker that still holds its delivery?
--
-- FOR SHARE, so that the answer stays true until commit: a lease that ends at the same
-- moment waits for us, and then the message comes back and sees our event.

create or replace function workflow_pg_private.is_held(
    p_run_id       text,
    p_lease_token  uuid
)
returns boolean
language plpgsql volatile
as $$
begin
    if p_lease_token is null then
        return false;
    end if;

    perform
       from workflow_pg_private.messages as m
      where m.run_id = p_run_id
        and m.lease_token = p_lease_token
        for share;

    return found;
end;
$$;

comment on function workflow_pg_private.is_held is
    'Whether a message of the run is leased under this token; locked until commit if so.';
