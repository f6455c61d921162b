-- A time as the protocol writes it in facts: UTC, microseconds, whatever the session's zone.

create or replace function workflow_pg_private.iso_time(p_at timestamptz)
returns text
language plpgsql stable
as $$
begin
    return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end;
$$;

comment on function workflow_pg_private.iso_time is
    'p_at as ISO 8601 in UTC with microseconds; null for null.';
