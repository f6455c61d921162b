-- What is wrong with a name or an id that we are to store, index and show?

create or replace function workflow_pg_private.text_fault(
    p_what       text,
    p_value      text,
    p_max_bytes  integer
)
returns workflow_pg_private.fault
language plpgsql immutable
as $$
begin
    if p_value is null or p_value = '' or octet_length(p_value) > p_max_bytes
       or p_value ~ '[[:cntrl:]]'
    then
        return workflow_pg_private.new_fault(
            'WF400',
            format('%s %s is malformed: 1 to %s bytes without control characters are needed',
                   p_what, coalesce(quote_literal(left(p_value, 60)), 'null'), p_max_bytes),
            jsonb_build_object('argument', p_what));
    end if;

    return null;
end;
$$;

comment on function workflow_pg_private.text_fault is
    'WF400 unless p_value is 1 to p_max_bytes bytes of text without control characters; else null.';
