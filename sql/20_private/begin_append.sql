-- What every append does before it locks anything: check its arguments, look up its key.
--
-- The key is looked up without a lock. Two calls with one key at the same time both
-- find nothing here; emit_event lets one of them win and tells the other to repeat.

create or replace function workflow_pg_private.begin_append(
    p_run_id          text,
    p_event           workflow_pg.event_type,
    p_correlation_id  text,
    p_facts           jsonb,
    p_codec           workflow_pg.payload_codec,
    p_payload         bytea,
    p_spec_version    integer,
    p_dedup_key       text
)
returns workflow_pg_private.append_call
language plpgsql stable
as $$
declare
    c_payload_limit constant integer := 16777216;
    v_call          workflow_pg_private.append_call;
    v_digest        bytea;
begin
    if p_run_id is null or (p_correlation_id is null and p_event >= 'step_created') then
        perform workflow_pg_private.refuse(
            'WF400', format('%s needs %s', p_event, case when p_run_id is null then 'a run id' else 'a correlation id' end),
            jsonb_build_object('argument', case when p_run_id is null then 'run id' else 'correlation id' end));
    elsif p_spec_version is null or p_spec_version not between 2 and 7 then
        perform workflow_pg_private.refuse(
            'WF426', format('spec version %s is not supported: 2 to 7 are', coalesce(p_spec_version::text, 'null')),
            jsonb_build_object('spec_version', p_spec_version));
    elsif octet_length(p_payload) > c_payload_limit then
        perform workflow_pg_private.refuse(
            'WF413', format('the payload of %s has %s bytes: at most %s are allowed', p_event, octet_length(p_payload), c_payload_limit),
            jsonb_build_object('bytes', octet_length(p_payload), 'limit', c_payload_limit),
            'Store it elsewhere and pass a reference.');
    elsif p_codec is null then
        perform workflow_pg_private.refuse('WF400', 'a payload needs a codec: opaque, cbor or json',
                                           jsonb_build_object('argument', 'codec'));
    elsif p_codec = 'json' then
        perform workflow_pg_private.check_json(p_payload);
    end if;

    if p_dedup_key is not null then
        perform workflow_pg_private.check_text('dedup key', p_dedup_key, 255);
        v_call.digest := workflow_pg_private.append_digest(p_event, p_correlation_id, p_facts, p_payload);

        select k.seq, k.digest
          into v_call.repeat_of, v_digest
          from workflow_pg_private.append_keys as k
         where k.run_id = p_run_id
           and k.dedup_key = p_dedup_key;

        if v_digest <> v_call.digest then
            perform workflow_pg_private.refuse(
                'WF409', format('dedup key %s of run %s stands for another call', quote_literal(p_dedup_key), p_run_id),
                jsonb_build_object('entity', 'dedup_key', 'run_id', p_run_id, 'id', p_dedup_key, 'event', p_event),
                'Draw a new key for each new call.');
        end if;
    end if;

    return v_call;
end;
$$;

comment on function workflow_pg_private.begin_append is
$$Check what all appends have in common.

returns  digest of the call and position of the event its dedup key wrote before, if it did
raises   WF400 a missing or malformed argument, WF413 payload over 16 MiB, WF426 spec version not
         2 to 7, WF409 the key stands for another call$$;
