-- What a start key stands for: one workflow with one input.

create or replace function workflow_pg_private.start_digest(
    p_workflow_name  text,
    p_codec          workflow_pg.payload_codec,
    p_input          bytea,
    p_input_digest   bytea
)
returns bytea
language plpgsql immutable
as $$
begin
    if octet_length(p_input_digest) <> 32 then
        return null;
    end if;

    -- As JSON the name ends where it ends; what follows has a fixed length.
    return sha256(convert_to(to_jsonb(p_workflow_name)::text, 'UTF8')
                  || coalesce(p_input_digest,
                              sha256(convert_to(p_codec::text, 'UTF8') || '\x00' || p_input)));
end;
$$;

comment on function workflow_pg_private.start_digest is
    'sha256 over the name of the workflow and p_input_digest, or the input byte for byte; null when one of them is missing, or p_input_digest is no 32 bytes.';
