-- A time as the protocol writes it: UTC, milliseconds.

create or replace function workflow_pg_private.wire_iso(p_at timestamptz)
returns text
language plpgsql stable
as $$
begin
    return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
end;
$$;

comment on function workflow_pg_private.wire_iso is
    'p_at as ISO 8601 in UTC with milliseconds; null for null.';
