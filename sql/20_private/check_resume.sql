-- Can this be the id of a resume?

create or replace function workflow_pg_private.check_resume(
    p_resume_id       text,
    p_payload_digest  text,
    p_dedup_key       text
)
returns void
language plpgsql immutable
as $$
begin
    perform workflow_pg_private.check_text('resume id', p_resume_id, 240);

    if p_payload_digest is not null then
        perform workflow_pg_private.check_text('payload digest', p_payload_digest, 255);
    end if;

    if p_dedup_key is not null then
        perform workflow_pg_private.refuse(
            'WF400', 'a resume id is a dedup key by itself: pass one of the two',
            jsonb_build_object('argument', 'dedup key'));
    end if;
end;
$$;

comment on function workflow_pg_private.check_resume is
    'Raises WF400 unless the id has 1 to 240 bytes, the digest 1 to 255 or is null, and there is no dedup key beside them.';
