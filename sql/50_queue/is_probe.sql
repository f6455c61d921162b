-- Is this what a health check is about? SDKs invent such a run for each.
--
-- No run can be called so: a ULID has no underscore. Where an index is to be used the
-- pattern is written out.

create or replace function workflow_pg_private.is_probe(p_run_id text)
returns boolean
language plpgsql immutable
as $$
begin
    return p_run_id like 'wrun\_hc\__%';
end;
$$;

comment on function workflow_pg_private.is_probe is
    'Whether p_run_id is the invented run of a health check; null for null.';
