-- The delivery that a token stands for, locked; refused when somebody else has it.
--
-- Its run is locked first, and shared: whether the run is final stays true until commit.
-- An end of the run at this moment waits for us and deletes what we gave back, or we
-- wait for it and see it.

create or replace function workflow_pg_private.held_message(
    p_run_id       text,
    p_message_id   text,
    p_lease_token  uuid
)
returns workflow_pg_private.messages
language plpgsql volatile
as $$
declare
    v_message workflow_pg_private.messages;
begin
    perform
       from workflow_pg.runs as r
      where r.run_id = p_run_id
        for share;

    select m.*
      into v_message
      from workflow_pg_private.messages as m
     where m.run_id = p_run_id
       and m.message_id = p_message_id
       for update;

    if v_message.lease_token is distinct from p_lease_token or p_lease_token is null then
        perform workflow_pg_private.refuse(
            'WF409', format('message %s of run %s is not held under this lease token', p_message_id, p_run_id),
            jsonb_build_object('entity', 'message', 'run_id', p_run_id, 'id', p_message_id,
                               'status', case when v_message.message_id is null then 'gone'
                                              when v_message.buried_at is not null then 'buried'
                                              when v_message.lease_token is null then 'pending'
                                              else 'leased' end),
            'Its lease ended and another delivery has begun; leave the message to it.');
    end if;

    return v_message;
end;
$$;

comment on function workflow_pg_private.held_message is
    'The message, locked until commit with its run. Raises WF409 unless it is leased under p_lease_token.';
