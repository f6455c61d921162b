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
    p_dedup_key       text,
    p_payload_digest  text default null
)
returns workflow_pg_private.append_call
language plpgsql stable
as $$
declare
    v_fault workflow_pg_private.fault;
    v_call  workflow_pg_private.append_call;
begin
    if p_run_id is null then
        perform workflow_pg_private.refuse('WF400', format('%s needs a run id', p_event),
                                           jsonb_build_object('argument', 'run id'));
    end if;

    v_fault := workflow_pg_private.append_fault(p_event, p_correlation_id, p_codec, p_payload);
    if v_fault.sqlstate is not null then
        perform workflow_pg_private.refuse_fault(v_fault);
    end if;

    perform workflow_pg_private.check_spec_version(p_spec_version);

    if p_dedup_key is not null then
        v_call.digest    := workflow_pg_private.append_digest(
            p_event, p_correlation_id, p_facts, coalesce(convert_to(p_payload_digest, 'UTF8'), p_payload));
        v_call.repeat_of := (workflow_pg_private.kept_key(p_run_id, p_event, p_dedup_key, v_call.digest)).seq;
    end if;

    return v_call;
end;
$$;

comment on function workflow_pg_private.begin_append is
$$Check what all appends have in common.

p_payload_digest  stands for the payload where two calls are compared; null: the payload itself
returns           digest of the call and position of the event its dedup key wrote before, if it did
raises            WF400 a missing or malformed argument, WF413 payload over 16 MiB, WF426 spec version
                  not 2 to 7, WF409 the key stands for another call$$;
