-- What the dedup key of a batch stands for: all its entries, byte for byte.

create or replace function workflow_pg_private.batch_digest(
    p_event_types      text[],
    p_correlation_ids  text[],
    p_facts            jsonb[],
    p_payloads         bytea[],
    p_all_or_nothing   boolean
)
returns bytea
language plpgsql stable
as $$
declare
    v_digests bytea;
begin
    select string_agg(workflow_pg_private.append_digest(
                          u.event_type::workflow_pg.event_type, u.correlation_id, u.facts, u.payload), ''
                      order by u.place)
      into v_digests
      from unnest(p_event_types, p_correlation_ids, p_facts, p_payloads)
           with ordinality as u (event_type, correlation_id, facts, payload, place);

    return sha256(convert_to(format('batch %s ', p_all_or_nothing), 'UTF8') || coalesce(v_digests, ''));
end;
$$;

comment on function workflow_pg_private.batch_digest is
    'sha256 over the digests of all entries, as the caller gave them.';
