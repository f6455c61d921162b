-- The reply to an append as the protocol writes it.

create or replace function workflow_pg_private.wire_reply(
    p_reply  workflow_pg.append_reply,
    p_all    boolean,
    p_echo   boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    -- Who starts something needs its input, even when it wants no echo.
    v_all constant boolean := p_all and (p_echo or p_reply.event_type in ('run_started', 'step_started'));
begin
    return workflow_pg_private.wire_entity(
               p_reply.run_id, p_reply.event_type::text, p_reply.correlation_id, v_all)
        || case when p_reply.seq is null then '{}'
                else jsonb_build_object('event', workflow_pg_private.wire_event_of(
                         p_reply.run_id, p_reply.seq, p_all and p_echo)) end;
end;
$$;

comment on function workflow_pg_private.wire_reply is
    '{event?, run?, step?, wait?, hook?} of an append; p_echo: with payloads that the call itself has brought.';
