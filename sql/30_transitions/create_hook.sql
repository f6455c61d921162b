-- absent -> live, or absent -> conflict when another hook holds the token
--
-- A conflict is no error: it is the event hook_conflict. claim_token decides who holds the
-- token.

create or replace function workflow_pg.create_hook(
    p_run_id        text,
    p_hook_id       text,
    p_token         text,
    p_metadata      bytea default null,
    p_codec         workflow_pg.payload_codec default 'opaque',
    p_is_webhook    boolean default true,
    p_is_system     boolean default false,
    p_spec_version  integer default 7,
    p_dedup_key     text default null,
    p_lease_token   uuid default null,
    p_wake          boolean default true,
    p_token_retention_until  timestamptz default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_facts constant jsonb := workflow_pg_private.hook_facts(
        p_token, p_is_webhook, p_is_system, p_token_retention_until);
    v_call           workflow_pg_private.append_call;
    v_run            workflow_pg.runs;
    v_holder         workflow_pg_private.hook_tokens;
    v_is_ours        boolean;
begin
    perform workflow_pg_private.check_text('hook id', p_hook_id, 255);
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'hook_created', p_hook_id, v_facts, p_codec, p_metadata, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    v_run := workflow_pg_private.number_event(p_run_id, 'hook_created');

    v_holder  := workflow_pg_private.claim_token(v_run, p_hook_id, p_token, p_token_retention_until);
    v_is_ours := (v_holder.run_id, v_holder.hook_id) = (p_run_id, p_hook_id);

    insert into workflow_pg.hooks
           (run_id, hook_id, status, spec_version, created_seq, created_at, is_webhook, is_system, token)
    select p_run_id, p_hook_id,
           case when v_is_ours then workflow_pg.hook_status 'live' else 'conflict' end,
           p_spec_version, v_run.last_seq, v_run.last_event_at, p_is_webhook, p_is_system, p_token
     where v_run.status in ('pending', 'running')
        on conflict (run_id, hook_id) do nothing;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_hook('hook_created', p_run_id, p_hook_id);
    end if;

    if v_is_ours then
        return workflow_pg_private.emit_event(
            v_run, 'hook_created', p_hook_id, v_facts, p_codec, p_metadata,
            p_spec_version, p_dedup_key, v_call.digest, p_lease_token, p_wake);
    end if;

    return workflow_pg_private.emit_event(
        v_run, 'hook_conflict', p_hook_id,
        jsonb_build_object('token', p_token, 'conflictingRunId', v_holder.run_id), 'opaque', null,
        p_spec_version, p_dedup_key, v_call.digest, p_lease_token, p_wake);
end;
$$;

comment on function workflow_pg.create_hook is
$$Create a hook of a live run and claim its token: records hook_created, or hook_conflict when
another live hook of any run holds the token.

p_run_id        the run
p_hook_id       correlation id, unique in its run, 1 to 255 bytes
p_token         by which the world finds the hook, 1 to 1024 bytes; at most one live hook holds it
p_metadata      for whoever resumes it, at most 16 MiB; null for none
p_codec         opaque, cbor or json
p_is_webhook    whether a public web address may resume it
p_is_system     whether it belongs to the SDK
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply
p_lease_token   of the delivery the caller is handling: while it is held the run is not woken
p_wake          false: the caller wakes the run itself
p_token_retention_until  how long the hook keeps its token, and can be read but not resumed, after
                the end of its run; null: not at all. A live run keeps it beyond that time
returns         the event; for hook_conflict also conflicting_run_id
raises          WF400, WF404 no such run, WF409 the hook was created before or the run is final,
                WF413, WF426; 40001 repeat the call$$;
