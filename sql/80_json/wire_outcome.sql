-- What became of one entry of a batch, as the protocol writes it.

create or replace function workflow_pg_private.wire_outcome(
    p_outcome  workflow_pg.append_outcome,
    p_all      boolean,
    p_echo     boolean
)
returns jsonb
language plpgsql stable
as $$
begin
    if p_outcome.status <> 200 then
        return jsonb_build_object(
            'status', p_outcome.status,
            'error', case p_outcome.status when 404 then 'not_found' when 409 then 'conflict' when 410 then 'run_expired'
                                           when 413 then 'too_large' when 425 then 'too_early' else 'malformed' end,
            'message', p_outcome.message,
            'detail', p_outcome.detail);
    end if;

    return jsonb_build_object('status', 200) || workflow_pg_private.wire_reply(
        (p_outcome.run_id, p_outcome.seq, p_outcome.event_type, p_outcome.correlation_id, p_outcome.created_at,
         p_outcome.run_status, p_outcome.attempt, p_outcome.conflicting_run_id), p_all, p_echo);
end;
$$;

comment on function workflow_pg_private.wire_outcome is
    '{status: 200, event, run?, step?, wait?}, or {status, error, message, detail} of a rejected entry.';
