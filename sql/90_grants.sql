-- Who may do what: one line for each function and each view of schema workflow_pg.
--
-- Nobody may do anything that is not written here: no login has a right on a table, on
-- a function of workflow_pg_private, or on anything by being PUBLIC. Roles belong to
-- the whole server and may be missing; `migrate grant` makes them and runs this again.
-- workflow_owner has no line: everything is its own.

do $$
declare
    v_client    constant text[] := array['workflow_client', 'workflow_worker'];
    v_worker    constant text[] := array['workflow_worker'];
    v_operator  constant text[] := array['workflow_client'];
    v_observer  constant text[] := array['workflow_client', 'workflow_worker', 'workflow_observer'];
    v_nobody    constant text[] := '{}';
    v_schemas   constant text   := 'workflow_pg, workflow_pg_private';
    v_role               text;
    r_function           record;
    r_view               record;
begin
    execute format('revoke all on schema %s from public', v_schemas);
    execute format('revoke all on all tables in schema %s from public', v_schemas);
    execute format('revoke all on all routines in schema %s from public', v_schemas);

    for v_role in
        select r.rolname
          from pg_catalog.pg_roles as r
         where r.rolname = any(v_observer)
         order by r.rolname
    loop
        execute format('revoke all on schema %s from %I', v_schemas, v_role);
        execute format('revoke all on all tables in schema %s from %I', v_schemas, v_role);
        execute format('revoke all on all routines in schema %s from %I', v_schemas, v_role);
        execute format('grant usage on schema workflow_pg to %I', v_role);
    end loop;

    for r_function in
        select p.oid::pg_catalog.regprocedure as identity, m.roles
          from pg_catalog.pg_proc as p
          left join (values
                   -- runs
                   ('create_run',          v_client),
                   ('create_keyed_run',    v_client),
                   ('create_runs',         v_client),
                   ('cancel_run',          v_client),
                   ('cancel_runs',         v_client),
                   ('set_attributes',      v_client),
                   ('get_run',             v_client),
                   ('get_runs',            v_client),
                   ('list_runs',           v_client),
                   ('why',                 v_client),
                   ('announce_waiters',    v_client),
                   ('withdraw_waiters',    v_client),
                   ('start_run',           v_worker),
                   ('complete_run',        v_worker),
                   ('fail_run',            v_worker),
                   ('unwakeable_runs',     v_worker),

                   -- steps
                   ('get_step',            v_client),
                   ('list_steps',          v_client),
                   ('create_step',         v_worker),
                   ('create_steps',        v_worker),
                   ('start_step',          v_worker),
                   ('start_new_step',      v_worker),
                   ('retry_step',          v_worker),
                   ('complete_step',       v_worker),
                   ('fail_step',           v_worker),
                   ('advance',             v_worker),

                   -- hooks
                   ('get_hook',            v_client),
                   ('get_hook_by_token',   v_client),
                   ('list_hooks',          v_client),
                   ('list_all_hooks',      v_client),
                   ('resume_hook',         v_client),
                   ('receive_hook',        v_client),
                   ('create_hook',         v_worker),
                   ('dispose_hook',        v_worker),

                   -- waits
                   ('list_waits',          v_client),
                   ('create_wait',         v_worker),
                   ('complete_wait',       v_worker),
                   ('complete_elapsed_waits', v_worker),

                   -- events: append_event can do whatever any verb can
                   ('list_events',         v_client),
                   ('append_event',        v_worker),
                   ('append_events',       v_worker),
                   ('append_and_read',     v_worker),

                   -- streams: a client reads, a worker writes
                   ('get_stream',          v_client),
                   ('list_streams',        v_client),
                   ('read_stream',         v_client),
                   ('announce_readers',    v_client),
                   ('withdraw_readers',    v_client),
                   ('write_stream',        v_worker),
                   ('close_stream',        v_worker),

                   -- queue: whoever starts a run or resumes a hook also sends
                   ('send_message',        v_client),
                   ('withdraw_probe',      v_client),
                   ('claim_messages',      v_worker),
                   ('renew_leases',        v_worker),
                   ('ack_message',         v_worker),
                   ('nack_message',        v_worker),
                   ('release_message',     v_worker),
                   ('reschedule_message',  v_worker),
                   ('bury_message',        v_worker),

                   -- workers
                   ('heartbeat_worker',    v_worker),
                   ('set_worker_idle',     v_worker),
                   ('remove_worker',       v_worker),
                   ('maintain',            v_worker),
                   ('purge_due_runs',      v_worker),

                   -- operations: what people do by hand. To delete or purge is no worker's
                   -- business; an observer is shown no payload, no token and no error
                   ('retry_run',           v_client),
                   ('wake_run',            v_client),
                   ('delete_run',          v_operator),
                   ('purge_run',           v_operator),
                   ('import_run',          v_nobody),
                   ('import_stream',       v_nobody),
                   ('queue_stats',         v_observer),
                   ('list_buried',         v_client),
                   ('requeue_messages',    v_client),
                   ('list_workers',        v_observer),
                   ('diagnose',            v_observer),
                   ('verify_run',          v_client),

                   -- the JSON door: as what it leads to
                   ('json_create_event',   v_worker),
                   ('json_create_events',  v_worker),
                   ('json_get_event',      v_client),
                   ('json_list_events',    v_client),
                   ('json_get_run',        v_client),
                   ('json_get_step',       v_client),
                   ('json_get_hook_by_token', v_client),
                   ('json_get_runs',       v_client),
                   ('json_list_runs',      v_client),
                   ('json_cancel_runs',    v_client),
                   ('json_set_attributes', v_client),
                   ('json_list_steps',     v_client),
                   ('json_get_hook',       v_client),
                   ('json_list_hooks',     v_client),
                   ('json_get_wait',       v_client),
                   ('json_list_waits',     v_client),
                   ('json_send_message',   v_client),
                   ('json_claim_messages', v_worker),
                   ('json_ack_message',    v_worker),
                   ('json_release_message', v_worker),
                   ('json_extend_leases',  v_worker),
                   ('json_bury_message',   v_worker),
                   ('json_write_stream',   v_worker),
                   ('json_close_stream',   v_worker),
                   ('json_read_stream',    v_client),
                   ('json_get_stream_info', v_client),
                   ('json_list_streams',   v_client),

                   -- the installation
                   ('schema_version',      v_observer),
                   ('epoch',               v_client)
               ) as m (name, roles)
            on m.name = p.proname
         where p.pronamespace = 'workflow_pg'::pg_catalog.regnamespace
         order by p.proname, p.oid
    loop
        if r_function.roles is null then
            raise exception 'function % has no line in sql/90_grants.sql', r_function.identity
                using hint = 'Add one that says which roles may call it.';
        end if;

        for v_role in
            select r.rolname
              from pg_catalog.pg_roles as r
             where r.rolname = any(r_function.roles)
             order by r.rolname
        loop
            execute format('grant execute on routine %s to %I', r_function.identity, v_role);
        end loop;
    end loop;

    for r_view in
        select c.oid::pg_catalog.regclass as identity, m.roles
          from pg_catalog.pg_class as c
          left join (values
                   -- without payloads and tokens
                   ('v_runs',           v_observer),
                   ('v_run_attributes', v_observer),
                   ('v_steps',          v_observer),
                   ('v_hooks',          v_observer),
                   ('v_waits',          v_observer),
                   ('v_events',         v_observer),
                   ('v_streams',        v_observer),
                   ('v_queue',          v_observer),
                   ('v_workers',        v_observer),

                   -- the machine
                   ('run_transitions',  v_nobody),
                   ('step_transitions', v_nobody),
                   ('hook_transitions', v_nobody),
                   ('wait_transitions', v_nobody),
                   ('legacy_transitions', v_nobody)
               ) as m (name, roles)
            on m.name = c.relname
         where c.relnamespace = 'workflow_pg'::pg_catalog.regnamespace
           and c.relkind = 'v'
         order by c.relname
    loop
        if r_view.roles is null then
            raise exception 'view % has no line in sql/90_grants.sql', r_view.identity
                using hint = 'Add one that says which roles may read it.';
        end if;

        for v_role in
            select r.rolname
              from pg_catalog.pg_roles as r
             where r.rolname = any(r_view.roles)
             order by r.rolname
        loop
            execute format('grant select on table %s to %I', r_view.identity, v_role);
        end loop;
    end loop;
end
$$;
