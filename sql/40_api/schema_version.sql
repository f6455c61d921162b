-- What is installed, for clients that want to know before they work.

create or replace function workflow_pg.schema_version()
returns workflow_pg.schema_stamp
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stamp workflow_pg.schema_stamp;
begin
    select i.migration, i.state, i.sql_checksum, i.tool_version, c.system_identifier || '/' || d.oid
      into v_stamp
      from workflow_pg_private.installation as i
     cross join pg_catalog.pg_control_system() as c
      join pg_catalog.pg_database as d on d.datname = current_database();

    return v_stamp;
end;
$$;

comment on function workflow_pg.schema_version is
$$What is installed in this database.

returns  highest migration; ready, or migrating while an installation runs or was broken off;
         checksum of the functions; version of the installer; a text that no other database
         of any server has, so that two connections can be compared$$;
