"""Which stamps of a database a package accepts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workflow_pg import SchemaUnusable
from workflow_pg.migrate import Stamp
from workflow_pg.models import SchemaStamp
from workflow_pg.stamp import judge

OURS = Stamp(migration=8, sql_checksum="ours")
INSTALLED = SchemaStamp(
    migration=8,
    state="ready",
    sql_checksum="ours",
    tool_version="1.2.0",
    database_id="1/1",
)


@pytest.mark.parametrize("version", ["1.2.0", "1.1", "2.0", "0+checkout"])
def test_the_same_files_are_accepted_whoever_installed_them(version: str) -> None:
    judge(INSTALLED, OURS, version)


@pytest.mark.parametrize(
    ("installer", "version", "word"),
    [
        ("1.10.0", "1.9.0", "newer"),
        ("1.2.0", "1.2.0rc1+local", "older"),
        ("1.2.0", "1.2.0", "older"),
        ("1.2.0", "1.3", "older"),
        ("0+checkout", "0+checkout", "older"),
        ("", "1.2.0", "older"),
    ],
)
def test_other_functions_are_newer_only_with_a_newer_installer(
    installer: str, version: str, word: str
) -> None:
    installed = replace(INSTALLED, sql_checksum="other", tool_version=installer)
    with pytest.raises(SchemaUnusable, match=word):
        judge(installed, OURS, version)


def test_a_migration_counts_more_than_the_functions() -> None:
    installed = replace(INSTALLED, migration=7, sql_checksum="other")
    with pytest.raises(SchemaUnusable, match="migration 7 of 8"):
        judge(installed, OURS, "0.1")


def test_half_migrated_counts_most() -> None:
    with pytest.raises(SchemaUnusable, match="half-migrated"):
        judge(replace(INSTALLED, state="migrating"), OURS, "0.1")
