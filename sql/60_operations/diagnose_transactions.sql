-- Transactions that hold back vacuum, and with it the speed of the queue.
--
-- What other logins do is shown to members of pg_read_all_stats alone; how far they hold
-- vacuum back is shown to everybody, in transactions.

create or replace function workflow_pg_private.diagnose_transactions(
    p_warning  interval,
    p_problem  interval
)
returns setof workflow_pg.finding
language plpgsql volatile
as $$
declare
    v_sees_all constant boolean := pg_has_role(current_user, 'pg_read_all_stats', 'usage');
    v_oldest            interval;
    v_idle              interval;
    v_xmin_age          integer;
    v_severity          workflow_pg.severity;
begin
    select coalesce(max(clock_timestamp() - a.xact_start), interval '0'),
           coalesce(max(clock_timestamp() - a.state_change) filter (
               where a.state like 'idle in transaction%'), interval '0'),
           coalesce(max(greatest(age(a.backend_xmin), age(a.backend_xid))), 0)
      into v_oldest, v_idle, v_xmin_age
      from pg_catalog.pg_stat_activity as a
     where a.pid <> pg_backend_pid()
       and coalesce(a.backend_type, 'client backend') = 'client backend';

    v_severity := (case when v_oldest >= p_problem or v_xmin_age >= 10000000 then 'problem'
                        when v_oldest >= p_warning or v_idle >= p_warning or v_xmin_age >= 1000000 then 'warning'
                        else 'ok' end)::workflow_pg.severity;
    return query
    select 'transactions',
           v_severity,
           format('the oldest transaction%s is open for %s, the longest idle in one for %s',
                  case when not v_sees_all then format(' that %s may see', current_user) end,
                  date_trunc('second', v_oldest), date_trunc('second', v_idle))
           || case when v_xmin_age >= 1000000 then format('; one holds back vacuum by %s', v_xmin_age) else '' end,
           case when v_severity <> 'ok'
                then 'Find it in pg_stat_activity and end it; set idle_in_transaction_session_timeout.'
                when not v_sees_all
                then format('To see those of all logins: grant pg_read_all_stats to %I.', current_user) end,
           jsonb_build_object('sees_all', v_sees_all, 'oldest_seconds', floor(extract(epoch from v_oldest)),
                              'idle_seconds', floor(extract(epoch from v_idle)), 'xmin_age', v_xmin_age);
end;
$$;

comment on function workflow_pg_private.diagnose_transactions is
    'Finding transactions: a warning from p_warning or a million transactions on, a problem from p_problem or ten million on.';
