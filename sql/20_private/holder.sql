-- Which delivery does the caller hold?
--
-- FOR SHARE, so that the answer stays true until commit: a lease that ends at the same
-- moment waits for us, and then the message comes back and sees our event.

create or replace function workflow_pg_private.holder(
    p_run_id       text,
    p_lease_token  uuid
)
returns text
language plpgsql volatile
as $$
declare
    v_message_id text;
begin
    if p_lease_token is not null then
        select m.message_id
          into v_message_id
          from workflow_pg_private.messages as m
         where m.run_id = p_run_id
           and m.lease_token = p_lease_token
           for share;
    end if;

    return v_message_id;
end;
$$;

comment on function workflow_pg_private.holder is
    'Id of the message of the run that is leased under this token, locked until commit; null when there is none.';
