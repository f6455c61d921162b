-- The attributes of an imported run, out of the log that it has by now.

create or replace function workflow_pg_private.import_attributes(
    p_run  workflow_pg.runs,
    p_log  workflow_pg_private.imported_event[]
)
returns void
language plpgsql volatile
as $$
declare
    v_changes jsonb;
begin
    with noted as (
        select a.key, a.value, e.seq
          from unnest(p_log) as e
         cross join jsonb_each_text(e.facts -> 'attributes') as a
         where e.seq = 1
         union all
        select c.key, c.value, e.seq
          from unnest(p_log) as e
         cross join jsonb_to_recordset(e.facts -> 'changes') as c (key text, value text)
         where e.event_type = 'attr_set'
           and e.seq is not null
    ), folded as (
        select distinct on (n.key) n.key, n.value
          from noted as n
         order by n.key, n.seq desc
    )
    select jsonb_agg(jsonb_build_object('key', f.key, 'value', f.value))
      into v_changes
      from folded as f
     where f.value is not null;

    if v_changes is not null then
        perform workflow_pg_private.merge_attributes(p_run.run_id, v_changes);
    end if;

    insert into workflow_pg_private.attribute_writes (run_id, correlation_id, seq)
    select p_run.run_id, e.correlation_id, e.seq
      from unnest(p_log) as e
     where e.event_type = 'attr_set'
       and e.facts #>> '{writer,type}' = 'workflow'
       and e.seq is not null;
end;
$$;

comment on function workflow_pg_private.import_attributes is
    'Insert the attributes of an imported run, and which calls have set them. Raises WF422 when there are more than 64.';
