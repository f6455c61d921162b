-- Has each entity one event in this batch, or is born running by two?

create or replace function workflow_pg_private.check_pairs(
    p_event_types      text[],
    p_correlation_ids  text[]
)
returns void
language plpgsql immutable
as $$
declare
    r_clash record;
begin
    select max(u.place) as place, u.entity, u.entity_id
      into r_clash
      from (select a.place, a.event_type, split_part(a.event_type, '_', 1) as entity,
                   case when a.event_type like 'run%' then '' else a.correlation_id end as entity_id
              from unnest(p_event_types, p_correlation_ids) with ordinality as a (event_type, correlation_id, place)) as u
     where u.entity_id is not null
     group by u.entity, u.entity_id
    having count(*) > 2
        or count(*) = 2
           and not coalesce(min(u.place) filter (where u.event_type = 'step_created')
                          < min(u.place) filter (where u.event_type = 'step_started'), false)
     order by max(u.place)
     limit 1;

    if found then
        perform workflow_pg_private.refuse(
            'WF400',
            format('entry %s of the batch is one too many about %s: only step_created, later followed by step_started, may be two',
                   r_clash.place,
                   case when r_clash.entity = 'run' then 'the run'
                        else format('%s %s', r_clash.entity, quote_literal(left(r_clash.entity_id, 60))) end),
            jsonb_build_object('argument', 'correlation ids', 'place', r_clash.place,
                               'entity', r_clash.entity, 'id', nullif(left(r_clash.entity_id, 255), '')),
            'Make another call for it.');
    end if;
end;
$$;

comment on function workflow_pg_private.check_pairs is
    'Raises WF400 when an entity has two events that are not step_created and then step_started.';
