-- What the caller's copy of the log lacks, beside the reply to an append.
--
-- The run is still locked by the append, so the log ends with its event.

create or replace function workflow_pg_private.wire_news(
    p_reply   workflow_pg.append_reply,
    p_params  jsonb,
    p_all     boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    v_count  constant bigint  := workflow_pg_private.wire_integer(p_params, 'eventCount');
    v_cursor constant bigint  := workflow_pg_private.wire_seq(workflow_pg_private.wire_text(p_params, 'sinceCursor'));
    v_skip   constant boolean := workflow_pg_private.wire_flag(p_params, 'skipPreload', false);
    v_load   constant boolean := workflow_pg_private.wire_flag(p_params, 'preloadEvents', false);
    v_whole  constant boolean := p_reply.event_type = 'run_started' and not v_skip
                              or p_reply.event_type = 'hook_received' and v_load;
    v_page            jsonb;
begin
    if v_whole then
        v_page := workflow_pg_private.wire_log(p_reply.run_id, null, 0, null, 1000, false, p_all);
        if v_page -> 'hasMore' = 'true' then
            return jsonb_build_object();
        end if;
    elsif v_cursor is not null and p_reply.event_type in ('step_completed', 'step_failed', 'hook_created', 'hook_conflict') then
        v_page := workflow_pg_private.wire_log(p_reply.run_id, null, v_cursor, null, 1000, false, p_all);
    elsif p_reply.seq > v_count + 1 then
        v_page := workflow_pg_private.wire_log(
            p_reply.run_id, null, greatest(v_count, 0), p_reply.seq, 1000, false, p_all);
    else
        return jsonb_build_object();
    end if;

    return jsonb_build_object('events', v_page -> 'data', 'cursor', v_page -> 'cursor', 'hasMore', v_page -> 'hasMore')
        || case when p_reply.event_type = 'hook_received' and v_whole
                then jsonb_build_object('run', workflow_pg_private.wire_run_of(p_reply.run_id, p_all))
                else '{}' end;
end;
$$;

comment on function workflow_pg_private.wire_news is
    '{events, cursor, hasMore} as skipPreload, preloadEvents, sinceCursor or eventCount ask for; {} for none, and for a whole log of over a page.';
