-- The attributes of a run.

create or replace function workflow_pg_private.attributes_of(p_run_id text)
returns jsonb
language plpgsql stable
as $$
declare
    v_attributes jsonb;
begin
    select coalesce(jsonb_object_agg(a.key, a.value), '{}')
      into v_attributes
      from workflow_pg.run_attributes as a
     where a.run_id = p_run_id;

    return v_attributes;
end;
$$;

comment on function workflow_pg_private.attributes_of is
    'The attributes of a run as a JSON object of texts; {} when it has none.';
