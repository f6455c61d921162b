-- Apply changes to the attributes of a run whose row is locked.
--
-- Under that lock the count is right: of two calls that add the last one that fits, the
-- second counts what the first has added. $retention is the one attribute that the database
-- itself reads: 0 has the payloads of the run purged when it is completed or failed.

create or replace function workflow_pg_private.merge_attributes(
    p_run_id   text,
    p_changes  jsonb
)
returns void
language plpgsql volatile
as $$
declare
    v_count bigint;
begin
    delete from workflow_pg.run_attributes as a
     using jsonb_to_recordset(p_changes) as c (key text, value text)
     where a.run_id = p_run_id
       and a.key = c.key
       and c.value is null;

    insert into workflow_pg.run_attributes as a (run_id, key, value)
    select p_run_id, c.key, c.value
      from jsonb_to_recordset(p_changes) as c (key text, value text)
     where c.value is not null
        on conflict (run_id, key) do update set value = excluded.value
                where a.value <> excluded.value;

    if p_changes @> '[{"key": "$retention"}]' then
        delete from workflow_pg_private.runs_to_purge as p where p.run_id = p_run_id;

        -- Only this text: whatever else it says, the run is kept.
        insert into workflow_pg_private.runs_to_purge (run_id)
        select a.run_id
          from workflow_pg.run_attributes as a
         where a.run_id = p_run_id
           and a.key = '$retention'
           and a.value = '0';
    end if;

    select count(*)
      into v_count
      from workflow_pg.run_attributes as a
     where a.run_id = p_run_id;

    if v_count > 64 then
        perform workflow_pg_private.refuse(
            'WF422', format('run %s would have %s attributes: at most 64 are allowed', p_run_id, v_count),
            jsonb_build_object('argument', 'attributes', 'run_id', p_run_id, 'count', v_count, 'limit', 64),
            'Delete others first, or in the same call.');
    end if;
end;
$$;

comment on function workflow_pg_private.merge_attributes is
    'Set and delete attributes of a locked run. Raises WF422 when it would then have more than 64.';
