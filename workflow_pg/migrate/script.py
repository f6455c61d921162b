"""`migrate sql`: the installation as one script for psql, for people without Python.

It leaves the same catalog and the same ledger as `migrate up`, which can go on from
there. It is for a database that has none of our schemas yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_pg.migrate import calls
from workflow_pg.migrate.files import (
    Files,
    Migration,
    Package,
    load,
    packaged,
    tool_version,
)
from workflow_pg.migrate.statements import statements

__all__ = ["sql"]

_HEAD = """\
-- workflow-pg {version}: installs schemas workflow_pg and workflow_pg_private.
--
--     psql --no-psqlrc --file install.sql DATABASE
--
-- Made by `workflow-pg migrate sql`. For a database that has neither schema; where one
-- of them exists it stops and changes nothing. Later versions are installed by
-- `workflow-pg migrate up`.

\\set ON_ERROR_STOP on
\\set QUIET on
{prepare}
begin;

do $$
begin
    if exists (select
                 from pg_namespace as n
                where n.nspname in ('workflow_pg', 'workflow_pg_private'))
    then
        raise exception 'schema workflow_pg or workflow_pg_private exists already'
            using hint = 'This script is for a database that has neither.';
    end if;
end
$$;
"""

_BEGIN = """
begin;
{act_as_owner};
"""

_RECORD_MIGRATION = """
insert into workflow_pg_private.migrations
            (number, name, checksum, applied_at, tool_version)
     values ({number}, {name}, {checksum}, now(), {version});
"""

_RECORD_REPEATABLE = """
insert into workflow_pg_private.repeatables (path, checksum, applied_at, tool_version)
     values ({path}, {checksum}, now(), {version});
"""

_FINISH = """
update workflow_pg_private.installation
   set migration = {migration},
       state = 'ready',
       sql_checksum = {sql_checksum},
       applied_at = now(),
       tool_version = {version};
commit;
"""


def sql(*, files: Files | None = None) -> str:
    """Write the script. Needs no database.

    Raises:
        BrokenFiles: the files do not make a set that can be applied.
    """
    package = load(files or packaged())
    return "".join(_parts(package))


def _parts(package: Package) -> Iterator[str]:
    begin = _BEGIN.format(act_as_owner=calls.ACT_AS_OWNER.strip())
    yield _HEAD.format(version=tool_version(), prepare=calls.PREPARE_SESSION)
    for migration in package.migrations:
        yield f"\n-- migrations/{migration.name}\n"
        if migration.has_transaction:
            yield migration.text
        else:
            yield from _alone(migration, begin)
        yield _RECORD_MIGRATION.format(
            number=migration.number,
            name=_literal(migration.name),
            checksum=_literal(migration.checksum),
            version=_literal(tool_version()),
        )
    for repeatable in package.repeatables:
        yield f"\n-- sql/{repeatable.path}\n"
        yield repeatable.text
    for repeatable in package.repeatables:
        yield _RECORD_REPEATABLE.format(
            path=_literal(repeatable.path),
            checksum=_literal(repeatable.checksum),
            version=_literal(tool_version()),
        )
    yield _FINISH.format(
        migration=package.stamp.migration,
        sql_checksum=_literal(package.stamp.sql_checksum),
        version=_literal(tool_version()),
    )


def _alone(migration: Migration, begin: str) -> Iterator[str]:
    """End the transaction, run the file as the owner, and begin another one.

    `set role` takes a name, not an expression: psql has to put it in.
    """
    yield "commit;\n"
    yield f"{calls.OWNER.strip()}\n\\gset\n"
    yield 'set role :"pg_get_userbyid";\n'
    for statement in statements(migration.text):
        yield f"{statement};\n"
    yield "reset role;\n"
    yield begin


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
