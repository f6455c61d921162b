-- The run that a stream belongs to.
--
-- Its name says so where the SDKs give it one, for readers that know the name alone. The
-- answer to a health check is about a run that never was, which writer and reader each
-- invent: it is the one that its name leads to, from which maintain() clears it away.

create or replace function workflow_pg_private.wire_stream_run(
    p_run_id  text,
    p_name    text
)
returns text
language plpgsql immutable
as $$
begin
    return coalesce('wrun_hc_' || substring(p_name from '^__health_check__(.+)$'),
                    p_run_id,
                    'wrun_' || substring(p_name from '^strm_([0-7][0-9A-HJKMNP-TV-Z]{25})(?:_|$)'));
end;
$$;

comment on function workflow_pg_private.wire_stream_run is
    'p_run_id, or what the name says: that of the run in it, or of a health check; null when it says nothing.';
