-- A delivery is done: the message goes.
--
-- A wait may have come due while the delivery was being handled; its run was then left
-- to this message (wake_due_waits). If the handler has not completed it, the run is
-- owed a wake.

create or replace function workflow_pg.ack_message(
    p_run_id       text,
    p_message_id   text,
    p_lease_token  uuid
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind workflow_pg.message_kind;
begin
    delete from workflow_pg_private.messages as m
     where m.run_id = p_run_id
       and m.message_id = p_message_id
       and m.lease_token = p_lease_token
 returning m.kind
      into v_kind;

    if v_kind is null then
        perform
           from workflow_pg_private.messages as m
          where m.run_id = p_run_id
            and m.message_id = p_message_id;

        if found then
            perform workflow_pg_private.held_message(p_run_id, p_message_id, p_lease_token);
        end if;
    elsif v_kind <> 'step' then
        perform workflow_pg_private.leave_wake(r, workflow_pg_private.clock())
           from workflow_pg.runs as r
          where r.run_id = p_run_id
            and exists (select
                          from workflow_pg.waits as w
                         where w.run_id = r.run_id
                           and w.status = 'waiting'
                           and w.is_woken);
    end if;
end;
$$;

comment on function workflow_pg.ack_message is
$$Acknowledge a delivery: its message is deleted. A message that is gone already is no error.

p_run_id, p_message_id, p_lease_token  of the delivery
raises  WF409 the lease was lost and the message is another's, or pending again$$;
