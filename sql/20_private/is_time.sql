-- Is this an ISO 8601 time with its zone? Without a zone its meaning would hang on the
-- session's TimeZone.
--
-- The exception block is a subtransaction; it is paid only by callers of append_event
-- that pass times, which the SDK adapter does not.

create or replace function workflow_pg_private.is_time(p_text text)
returns boolean
language plpgsql stable
as $$
begin
    perform p_text::timestamptz;
    return p_text ~ '^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d(:?\d\d)?)$';
exception
    when data_exception then
        return false;
end;
$$;

comment on function workflow_pg_private.is_time is
    'Whether p_text is an ISO 8601 time with a zone; null for null.';
