-- 0001  schemas and ledger
--
-- Adds     role workflow_owner where the login may create roles; schemas workflow_pg
--          and workflow_pg_private; tables migrations, repeatables, installation.
-- Locks    none: every object is new.
-- Safe     before everything else. It fails where a schema of these names exists.
-- Undo     none. Migrations only go forward.

-- Nobody logs in as the owner, so no login can bypass the functions by being it. A
-- login that may not create or act as that role owns the schemas itself.
do $$
declare
    v_login       constant text    := current_user;
    v_may_create  constant boolean := (select r.rolsuper or r.rolcreaterole
                                         from pg_catalog.pg_roles as r
                                        where r.rolname = current_user);
    -- Since 16 a member may lack the right to SET ROLE; before, every member has it.
    v_set         constant text    := case
                                          when current_setting('server_version_num')::integer < 160000
                                          then 'member'
                                          else 'set'
                                      end;
    v_owner                text    := v_login;
begin
    -- Roles belong to the whole server: the migrator of another database may be here too.
    if v_may_create
       and not exists (select from pg_catalog.pg_roles as r where r.rolname = 'workflow_owner')
    then
        begin
            create role workflow_owner nologin;
        exception
            when duplicate_object or unique_violation then null;
        end;
    end if;

    if exists (select from pg_catalog.pg_roles as r where r.rolname = 'workflow_owner') then
        if v_may_create and not pg_has_role('workflow_owner', v_set) then
            begin
                execute format('grant workflow_owner to %I', v_login);
            exception
                when insufficient_privilege or unique_violation then null;
            end;
        end if;
        if pg_has_role('workflow_owner', v_set) then
            v_owner := 'workflow_owner';
        end if;
    end if;

    execute format('create schema workflow_pg authorization %I', v_owner);
    execute format('create schema workflow_pg_private authorization %I', v_owner);

    -- Until the end of the transaction: what follows belongs to the owner.
    perform set_config('role', v_owner, true);

    -- Only for a role of our own, as it holds in every schema. `in schema` would
    -- revoke nothing: defaults of a schema can only add to those of the role.
    if v_owner = 'workflow_owner' then
        alter default privileges for role workflow_owner revoke execute on functions from public;
    end if;
end
$$;

comment on schema workflow_pg is
    'Durable workflows. Call its functions; nothing else in it is granted.';
comment on schema workflow_pg_private is
    'Helpers, ledger and storage of schema workflow_pg. Nothing in it is granted, by design.';

create table workflow_pg_private.migrations (
    number        integer      not null,
    duration_ms   integer,
    applied_at    timestamptz  not null,
    name          text         collate "C" not null,
    checksum      text         collate "C" not null,
    tool_version  text         not null,

    constraint migrations_pkey
        primary key (number),
    constraint migrations_name_is_unique
        unique (name)
);
comment on table workflow_pg_private.migrations is
    'One row per file of migrations/ that was applied here. An applied file never changes.';
comment on column workflow_pg_private.migrations.number is
    'The number that the name begins with.';
comment on column workflow_pg_private.migrations.duration_ms is
    'How long the file ran, in milliseconds; null when a script of `migrate sql` applied it.';
comment on column workflow_pg_private.migrations.applied_at is
    'When the file was applied.';
comment on column workflow_pg_private.migrations.name is
    'File name, such as 0001_schemas_and_ledger.sql.';
comment on column workflow_pg_private.migrations.checksum is
    'SHA-256 of the text with LF line ends, as 64 hexadecimal digits.';
comment on column workflow_pg_private.migrations.tool_version is
    'Version of workflow-pg that applied the file.';

create table workflow_pg_private.repeatables (
    applied_at    timestamptz  not null,
    path          text         collate "C" not null,
    checksum      text         collate "C" not null,
    tool_version  text         not null,

    constraint repeatables_pkey
        primary key (path)
);
comment on table workflow_pg_private.repeatables is
    'One row per file of sql/, as applied last. All of them are applied again when one changes.';
comment on column workflow_pg_private.repeatables.applied_at is
    'When sql/ was applied last.';
comment on column workflow_pg_private.repeatables.path is
    'Path below sql/, such as 40_api/schema_version.sql.';
comment on column workflow_pg_private.repeatables.checksum is
    'SHA-256 of the text with LF line ends, as 64 hexadecimal digits.';
comment on column workflow_pg_private.repeatables.tool_version is
    'Version of workflow-pg that applied the file.';

create table workflow_pg_private.installation (
    is_only       boolean      not null default true,
    migration     integer      not null,
    applied_at    timestamptz  not null,
    state         text         collate "C" not null,
    sql_checksum  text         collate "C" not null,
    tool_version  text         not null,

    constraint installation_pkey
        primary key (is_only),
    constraint installation_has_one_row
        check (is_only),
    constraint installation_state_is_known
        check (state in ('migrating', 'ready'))
);
comment on table workflow_pg_private.installation is
    'What is installed, in one row. Workers refuse a database that is migrating or newer than they are.';
comment on column workflow_pg_private.installation.is_only is
    'True: the key of the one row.';
comment on column workflow_pg_private.installation.migration is
    'Number of the last migration that was applied; 0 before the first.';
comment on column workflow_pg_private.installation.applied_at is
    'When this row changed last.';
comment on column workflow_pg_private.installation.state is
    'migrating from the first change of a migration until its end, then ready.';
comment on column workflow_pg_private.installation.sql_checksum is
    'Checksum of the whole of sql/ as applied last; empty before the first time.';
comment on column workflow_pg_private.installation.tool_version is
    'Version of workflow-pg that changed this database last; empty before the first time.';

insert into workflow_pg_private.installation
            (migration, applied_at, state, sql_checksum, tool_version)
     values (0, now(), 'migrating', '', '');
