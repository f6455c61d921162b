-- Does a worker still handle a message of this run? All of them are locked with it.

create or replace function workflow_pg_private.held_delivery(p_run_id text)
returns workflow_pg_private.messages
language plpgsql volatile
as $$
declare
    v_held workflow_pg_private.messages;
begin
    perform
       from workflow_pg_private.messages as m
      where m.run_id = p_run_id
      order by m.message_id
        for update;

    select m.*
      into v_held
      from workflow_pg_private.messages as m
     where m.run_id = p_run_id
       and m.lease_until > workflow_pg_private.clock()
     order by m.step_id
     limit 1;

    return v_held;
end;
$$;

comment on function workflow_pg_private.held_delivery is
    'A message of the run that a worker has under a lease, or null; the messages of the run are locked until commit.';
