-- The oldest message that will replay a run, if there is one.

create or replace function workflow_pg_private.replay_message(p_run_id text)
returns text
language plpgsql stable
as $$
begin
    return (select m.message_id
              from workflow_pg_private.messages as m
             where m.run_id = p_run_id
               and m.kind <> 'step'
               and m.buried_at is null
             order by m.created_at, m.message_id
             limit 1);
end;
$$;

comment on function workflow_pg_private.replay_message is
    'Id of the oldest unburied message of a run that is not a step dispatch; null when there is none.';
