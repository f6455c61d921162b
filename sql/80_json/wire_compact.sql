-- An object without the fields that have no value.
--
-- Only its own: a null within a field is the caller's and stays.

create or replace function workflow_pg_private.wire_compact(p_object jsonb)
returns jsonb
language plpgsql immutable
as $$
begin
    return (
        select coalesce(jsonb_object_agg(f.key, f.value), '{}'::jsonb)
          from jsonb_each(p_object) as f
         where f.value <> 'null'::jsonb);
end;
$$;

comment on function workflow_pg_private.wire_compact is
    'p_object without its own fields that are null.';
