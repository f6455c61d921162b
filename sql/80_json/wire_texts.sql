-- A list of texts out of JSON that a caller gave.

create or replace function workflow_pg_private.wire_texts(
    p_object  jsonb,
    p_key     text
)
returns text[]
language plpgsql immutable
as $$
declare
    v_list constant jsonb := workflow_pg_private.wire_object(p_key, p_object -> p_key, 'array');
begin
    if exists (select from jsonb_array_elements(v_list) as e (value) where jsonb_typeof(e.value) <> 'string') then
        perform workflow_pg_private.refuse('WF400', format('%s is malformed: an array of texts is needed', p_key),
                                           jsonb_build_object('argument', p_key));
    end if;

    return case when v_list is not null
                then array(select e.value from jsonb_array_elements_text(v_list) as e (value)) end;
end;
$$;

comment on function workflow_pg_private.wire_texts is
    'p_object -> p_key as texts; null when it is absent. Raises WF400 when it is no array of texts.';
