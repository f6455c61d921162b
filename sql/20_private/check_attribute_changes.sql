-- Is this a list of changes, as attr_set carries it?

create or replace function workflow_pg_private.check_attribute_changes(p_changes jsonb)
returns void
language plpgsql immutable
as $$
declare
    v_place bigint;
begin
    if p_changes is null or jsonb_typeof(p_changes) <> 'array' or p_changes = '[]' then
        perform workflow_pg_private.refuse(
            'WF400',
            format('changes are a JSON array of at least one {"key", "value"}, not %s',
                   case when p_changes = '[]' then 'an empty one' else coalesce(jsonb_typeof(p_changes), 'null') end),
            jsonb_build_object('argument', 'changes'));
    end if;

    select c.place
      into v_place
      from jsonb_array_elements(p_changes) with ordinality as c (change, place)
     where not (c.change = jsonb_build_object('key', c.change -> 'key', 'value', c.change -> 'value')
                and jsonb_typeof(c.change -> 'key') = 'string'
                and jsonb_typeof(c.change -> 'value') in ('string', 'null'))
     order by c.place
     limit 1;

    if found then
        perform workflow_pg_private.refuse(
            'WF400',
            format('change %s is malformed: {"key": text, "value": text or null} is needed, and nothing else', v_place),
            jsonb_build_object('argument', 'changes', 'place', v_place));
    end if;
end;
$$;

comment on function workflow_pg_private.check_attribute_changes is
    'Raises WF400 unless p_changes is a JSON array of one or more {key, value}, value a text or null.';
