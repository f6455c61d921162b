-- The protocol counts texts as JavaScript does, in UTF-16 units.

create or replace function workflow_pg_private.utf16_units(p_text text)
returns integer
language plpgsql immutable
as $$
begin
    -- A character beyond the basic plane, four bytes in UTF-8, takes two units.
    return length(p_text) + length(regexp_replace(p_text, '[\u0001-\uFFFF]', '', 'g'));
end;
$$;

comment on function workflow_pg_private.utf16_units is
    'Length of p_text in UTF-16 units; null for null.';
