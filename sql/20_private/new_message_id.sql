-- An id for a message that no client has named.

create or replace function workflow_pg_private.new_message_id()
returns text
language plpgsql volatile
as $$
begin
    return 'msg_' || gen_random_uuid();
end;
$$;

comment on function workflow_pg_private.new_message_id is
    '''msg_'' and 36 random characters.';
