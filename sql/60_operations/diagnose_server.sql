-- The server: its version, its connections, its clock.

create or replace function workflow_pg_private.diagnose_server(
    p_client_time  timestamptz,
    p_now          timestamptz
)
returns setof workflow_pg.finding
language plpgsql stable
as $$
declare
    v_version constant integer := current_setting('server_version_num')::integer;
    v_most    constant integer := current_setting('max_connections')::integer
                                - current_setting('superuser_reserved_connections')::integer
                                - coalesce(current_setting('reserved_connections', true), '0')::integer;
    v_used    constant bigint  := (select sum(d.numbackends) from pg_catalog.pg_stat_database as d);
    v_ours    constant bigint  := (select count(*) from pg_catalog.pg_stat_activity as a
                                    where a.application_name = 'workflow-pg');
    v_skew    constant numeric := round(extract(epoch from p_client_time - p_now), 1);
begin
    return query
    select 'server',
           case when v_version >= 150000 then 'ok' else 'problem' end::workflow_pg.severity,
           format('PostgreSQL %s', current_setting('server_version')),
           case when v_version < 150000 then 'Upgrade to PostgreSQL 15 or newer.' end,
           jsonb_build_object('version', v_version);

    return query
    select f.* from workflow_pg_private.diagnose_connections(v_used, v_most, v_ours) as f;

    if p_client_time is null then
        return;
    end if;

    return query
    select 'clock',
           case when abs(v_skew) >= 60 then 'problem'
                when abs(v_skew) >= 2 then 'warning'
                else 'ok' end::workflow_pg.severity,
           format('the clock here is %s s %s that of the database', abs(v_skew),
                  case when v_skew < 0 then 'behind' else 'ahead of' end),
           case when abs(v_skew) >= 2 then 'Keep both machines on time, with NTP.' end,
           jsonb_build_object('skew_seconds', v_skew);
end;
$$;

comment on function workflow_pg_private.diagnose_server is
    'Findings server, connections and, when p_client_time is given, clock.';
