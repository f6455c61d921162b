-- The log of a run beside the reply to run_started, when all of it fits on one page.

create or replace function workflow_pg_private.wire_preload(
    p_run_id  text,
    p_all     boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    v_page constant jsonb := workflow_pg_private.wire_log(p_run_id, null, 0, 1000, false, p_all);
begin
    if v_page -> 'hasMore' = 'true' then
        return '{}';
    end if;

    return jsonb_build_object('events', v_page -> 'data', 'cursor', v_page -> 'cursor', 'hasMore', false);
end;
$$;

comment on function workflow_pg_private.wire_preload is
    '{events, cursor, hasMore} of a run, from its beginning; {} when it has more than a page.';
