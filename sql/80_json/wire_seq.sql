-- The position of an event in the log of its run, out of its id.
--
-- Readers of the protocol may have another prefix, or none.

create or replace function workflow_pg_private.wire_seq(p_event_id text)
returns bigint
language plpgsql immutable
as $$
begin
    return substring(p_event_id from '^(?:evnt_|wevt_)?0{10}(\d{16})$')::bigint;
end;
$$;

comment on function workflow_pg_private.wire_seq is
    'Position that an event id names; null when it is none of ours.';
