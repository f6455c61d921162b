-- Attributes of an imported run that were set without an event.

create or replace function workflow_pg_private.made_attributes(
    p_document  jsonb,
    p_given     workflow_pg_private.imported_event[]
)
returns jsonb
language plpgsql stable
as $$
declare
    v_changes jsonb;
begin
    with noted as (
        select a.key, a.value, g.place
          from unnest(p_given) as g
         cross join jsonb_each_text(g.facts -> 'attributes') as a
         where g.note is null
           and g.event_type = 'run_created'
         union all
        select c.key, c.value, g.place
          from unnest(p_given) as g
         cross join jsonb_to_recordset(g.facts -> 'changes') as c (key text, value text)
         where g.note is null
           and g.event_type = 'attr_set'
    ), folded as (
        select distinct on (n.key) n.key, n.value
          from noted as n
         order by n.key, n.place desc
    )
    select jsonb_agg(jsonb_build_object('key', coalesce(f.key, a.key), 'value', a.value)
                     order by coalesce(f.key, a.key))
      into v_changes
      from folded as f
      full join jsonb_each_text(p_document #> '{run,attributes}') as a on a.key = f.key
     where a.value is distinct from f.value;

    return case when p_document #> '{run,attributes}' is not null then v_changes end;
end;
$$;

comment on function workflow_pg_private.made_attributes is
    'As changes of attr_set: what turns the attributes that the log tells of into those of the row; null when nothing does.';
