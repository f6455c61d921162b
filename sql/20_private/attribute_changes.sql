-- A map of attributes as the changes that set them.

create or replace function workflow_pg_private.attribute_changes(p_attributes jsonb)
returns jsonb
language plpgsql immutable
as $$
declare
    v_changes jsonb;
begin
    select coalesce(jsonb_agg(jsonb_build_object('key', a.key, 'value', a.value)), '[]')
      into v_changes
      from jsonb_each(p_attributes) as a;

    return v_changes;
end;
$$;

comment on function workflow_pg_private.attribute_changes is
    'A JSON object as an array of {key, value}.';
