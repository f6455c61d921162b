-- What a dedup key stands for: one call, byte for byte.

create or replace function workflow_pg_private.append_digest(
    p_event           workflow_pg.event_type,
    p_correlation_id  text,
    p_facts           jsonb,
    p_payload         bytea
)
returns bytea
language plpgsql immutable
as $$
begin
    -- A JSON array keeps the parts apart; the payload comes last, so nothing can slide into it.
    return sha256(convert_to(jsonb_build_array(p_event, p_correlation_id, p_facts,
                                               octet_length(p_payload))::text, 'UTF8')
                  || coalesce(p_payload, ''));
end;
$$;

comment on function workflow_pg_private.append_digest is
    'sha256 over type, correlation id, facts and payload as the caller gave them.';
