-- What an event was about, as it is now: the part of a reply beside the event.

create or replace function workflow_pg_private.wire_entity(
    p_run_id          text,
    p_event_type      text,
    p_correlation_id  text,
    p_all             boolean
)
returns jsonb
language plpgsql stable
as $$
begin
    case
        when p_event_type like 'run%' or p_event_type = 'attr_set' then
            return jsonb_build_object('run', workflow_pg_private.wire_run_of(p_run_id, p_all));
        when p_event_type like 'step%' then
            return jsonb_build_object('step', workflow_pg_private.wire_step_of(p_run_id, p_correlation_id, p_all));
        when p_event_type like 'wait%' then
            return jsonb_build_object('wait', workflow_pg_private.wire_wait_of(p_run_id, p_correlation_id));
        when p_event_type in ('hook_created', 'hook_received') then
            return jsonb_build_object('hook', workflow_pg_private.wire_hook_of(p_run_id, p_correlation_id, p_all));
        else
            return jsonb_build_object();
    end case;
end;
$$;

comment on function workflow_pg_private.wire_entity is
    '{run}, {step}, {wait} or {hook} of an event; {} for hook_disposed and hook_conflict.';
