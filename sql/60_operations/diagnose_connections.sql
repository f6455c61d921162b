-- Are there connections left?

create or replace function workflow_pg_private.diagnose_connections(
    p_used  bigint,
    p_most  integer,
    p_ours  bigint
)
returns setof workflow_pg.finding
language plpgsql immutable
as $$
begin
    return query
    select 'connections',
           case when p_used >= p_most * 0.95 then 'problem'
                when p_used >= p_most * 0.80 then 'warning'
                else 'ok' end::workflow_pg.severity,
           format('%s of %s connections are in use, %s of them by workflow-pg', p_used, p_most, p_ours),
           case when p_used >= p_most * 0.80
                then 'Lower --concurrency of workers or max_size of pools, raise max_connections,'
                     || ' or put a pooler in between.' end,
           jsonb_build_object('used', p_used, 'most', p_most, 'ours', p_ours);
end;
$$;

comment on function workflow_pg_private.diagnose_connections is
    'Finding connections: a warning when 80 % of p_most are in use, a problem at 95 %.';
