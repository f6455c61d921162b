-- The run of a message that was given up, found by the id of the message alone.
--
-- Ids are unique in their run only. Where two runs have one, the caller has to say which.

create or replace function workflow_pg_private.buried_run(p_message_id text)
returns text
language plpgsql stable
as $$
declare
    v_run_ids text[];
begin
    select array_agg(m.run_id order by m.run_id)
      into v_run_ids
      from workflow_pg_private.messages as m
     where m.buried_at is not null
       and m.message_id = p_message_id;

    if cardinality(v_run_ids) > 1 then
        perform workflow_pg_private.refuse(
            'WF400', format('%s runs have a buried message %s: name the run too', cardinality(v_run_ids), p_message_id),
            jsonb_build_object('argument', 'run id', 'run_ids', v_run_ids));
    end if;

    return v_run_ids[1];
end;
$$;

comment on function workflow_pg_private.buried_run is
    'Run of the buried message p_message_id, null when there is none. Raises WF400 when several runs have one.';
