-- May attributes have these keys and values?
--
-- How many a run may have is decided under its lock (merge_attributes).

create or replace function workflow_pg_private.check_attribute_limits(
    p_changes         jsonb,
    p_allow_reserved  boolean
)
returns void
language plpgsql immutable
as $$
declare
    r_fault record;
begin
    -- What is shown of a key that may have any length.
    select left(c.key, 300) as key,
           workflow_pg_private.utf16_units(c.key) as units,
           octet_length(c.value) as bytes,
           left(c.key, 1) = '$' and p_allow_reserved is not true as is_reserved
      into r_fault
      from (select a.change ->> 'key', a.change ->> 'value', a.place,
                   row_number() over (partition by a.change ->> 'key' order by a.place)
              from jsonb_array_elements(p_changes) with ordinality as a (change, place)) as c (key, value, place, time)
     where workflow_pg_private.utf16_units(c.key) not between 1 and 256
        or octet_length(c.value) > 256
        or left(c.key, 1) = '$' and p_allow_reserved is not true
        or c.time > 1
     order by c.place
     limit 1;

    if not found then
        return;
    elsif r_fault.units not between 1 and 256 then
        perform workflow_pg_private.refuse(
            'WF422',
            format('attribute key %s has %s UTF-16 units: 1 to 256 are allowed', quote_literal(left(r_fault.key, 60)), r_fault.units),
            jsonb_build_object('argument', 'attributes', 'key', r_fault.key, 'units', r_fault.units, 'limit', 256));
    elsif r_fault.bytes > 256 then
        perform workflow_pg_private.refuse(
            'WF422',
            format('the value of attribute %s has %s bytes: at most 256 are allowed', quote_literal(left(r_fault.key, 60)), r_fault.bytes),
            jsonb_build_object('argument', 'attributes', 'key', r_fault.key, 'bytes', r_fault.bytes, 'limit', 256));
    elsif r_fault.is_reserved then
        perform workflow_pg_private.refuse(
            'WF422', format('attribute key %s is reserved, as all that begin with $', quote_literal(left(r_fault.key, 60))),
            jsonb_build_object('argument', 'attributes', 'key', r_fault.key),
            'Choose another key; a framework allows reserved keys in its call.');
    end if;

    perform workflow_pg_private.refuse(
        'WF422', format('attribute %s is there twice: a call may change each key once', quote_literal(left(r_fault.key, 60))),
        jsonb_build_object('argument', 'attributes', 'key', r_fault.key));
end;
$$;

comment on function workflow_pg_private.check_attribute_limits is
    'Raises WF422 for a key that is not 1 to 256 UTF-16 units, is reserved and not allowed, or comes twice, and for a value over 256 bytes.';
