-- Is this a map from key to value?

create or replace function workflow_pg_private.check_attribute_map(p_attributes jsonb)
returns void
language plpgsql immutable
as $$
declare
    v_key text;
begin
    if jsonb_typeof(p_attributes) <> 'object' then
        perform workflow_pg_private.refuse(
            'WF400', format('attributes are a JSON object of texts, not %s', jsonb_typeof(p_attributes)),
            jsonb_build_object('argument', 'attributes'));
    end if;

    select a.key
      into v_key
      from jsonb_each(p_attributes) as a
     where jsonb_typeof(a.value) <> 'string'
     order by a.key
     limit 1;

    if found then
        perform workflow_pg_private.refuse(
            'WF400', format('the value of attribute %s is malformed: a text is needed', quote_literal(left(v_key, 60))),
            jsonb_build_object('argument', 'attributes', 'key', left(v_key, 300)));
    end if;
end;
$$;

comment on function workflow_pg_private.check_attribute_map is
    'Raises WF400 unless p_attributes is a JSON object of texts; null passes.';
