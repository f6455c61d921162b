-- Do these lists say who waits for the end of which runs?

create or replace function workflow_pg_private.check_waiters(
    p_waiter_ids  text[],
    p_run_ids     text[]
)
returns void
language plpgsql immutable
as $$
begin
    if p_waiter_ids is null or p_run_ids is null
       or cardinality(p_waiter_ids) > 1000
       or cardinality(p_waiter_ids) <> cardinality(p_run_ids)
    then
        perform workflow_pg_private.refuse(
            'WF400', 'waiters and runs are to be lists of one length, 0 to 1000',
            jsonb_build_object('argument', 'waiter ids'));
    end if;

    -- A waiter id is the payload of notifications, which are short.
    perform workflow_pg_private.check_text('waiter id', w.waiter_id, 64),
            workflow_pg_private.check_text('run id', w.run_id, 255)
       from unnest(p_waiter_ids, p_run_ids) as w (waiter_id, run_id);
end;
$$;

comment on function workflow_pg_private.check_waiters is
    'Raises WF400 unless the lists are of one length up to 1000, waiter ids texts of 1 to 64 bytes and run ids of 1 to 255.';
