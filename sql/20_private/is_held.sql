-- Is a message left to another one, whose handler executes its step itself?
--
-- claimable_messages() says the same in place: a claim looks at every message that is due.

create or replace function workflow_pg_private.is_held(p_message workflow_pg_private.messages)
returns boolean
language plpgsql stable
as $$
begin
    return p_message.held_by is not null
       and exists (select from workflow_pg_private.messages as h
                    where h.run_id = p_message.run_id
                      and h.message_id = p_message.held_by
                      and h.buried_at is null);
end;
$$;

comment on function workflow_pg_private.is_held is
    'Whether the message by which it is held lives, so that nobody may claim it.';
