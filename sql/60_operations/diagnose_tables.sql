-- Does autovacuum keep up with our tables?

create or replace function workflow_pg_private.diagnose_tables(p_dead_rows bigint)
returns setof workflow_pg.finding
language plpgsql stable
as $$
declare
    v_tables  jsonb;
    v_behind  text;
begin
    select jsonb_agg(jsonb_build_object(
               'table', t.relname, 'live', t.n_live_tup, 'dead', t.n_dead_tup,
               'bytes', pg_total_relation_size(t.relid),
               'last_vacuum', greatest(t.last_autovacuum, t.last_vacuum)) order by t.relname),
           string_agg(format('%s has %s dead rows beside %s', t.relname, t.n_dead_tup, t.n_live_tup), ', '
                      order by t.n_dead_tup desc)
               filter (where t.n_dead_tup >= p_dead_rows and t.n_dead_tup >= t.n_live_tup)
      into v_tables, v_behind
      from pg_catalog.pg_stat_all_tables as t
     where t.schemaname in ('workflow_pg', 'workflow_pg_private');

    return query
    select 'vacuum',
           case when v_behind is null then 'ok' else 'warning' end::workflow_pg.severity,
           coalesce(v_behind, 'autovacuum keeps up with all tables'),
           case when v_behind is not null
                then 'Look for old transactions; let autovacuum run more often on these tables.' end,
           jsonb_build_object('tables', v_tables);
end;
$$;

comment on function workflow_pg_private.diagnose_tables is
    'Finding vacuum: a warning when a table has p_dead_rows dead rows or more, and more of them than others. Its detail has the size of every table.';
