-- What the log says about the attributes of a run, and about who has set them.

create or replace function workflow_pg_private.fold_attributes(p_run_id text)
returns table (entity text, entity_id text, expected jsonb)
language plpgsql stable
as $$
begin
    return query
    select 'attribute', n.key, jsonb_build_object('value', n.value)
      from (select distinct on (a.key) a.key, a.value
              from (select e.seq, 0::bigint as place, p.key, p.value
                      from workflow_pg.events as e
                      cross join lateral jsonb_each_text(e.facts -> 'attributes') as p
                     where e.run_id = p_run_id
                       and e.event_type = 'run_created'
                     union all
                    select e.seq, c.place, c.change ->> 'key', c.change ->> 'value'
                      from workflow_pg.events as e
                      cross join lateral jsonb_array_elements(e.facts -> 'changes')
                            with ordinality as c (change, place)
                     where e.run_id = p_run_id
                       and e.event_type = 'attr_set') as a
             order by a.key, a.seq desc, a.place desc) as n
     where n.value is not null
     union all
    select 'attribute write', e.correlation_id, jsonb_build_object('seq', e.seq)
      from workflow_pg.events as e
     where e.run_id = p_run_id
       and e.event_type = 'attr_set'
       and e.facts #>> '{writer,type}' = 'workflow';
end;
$$;

comment on function workflow_pg_private.fold_attributes is
    'The attributes of a run, and which calls of its body have set some, as its events make them: entity (attribute, attribute write), its id, and the columns that the log decides, as JSON.';
