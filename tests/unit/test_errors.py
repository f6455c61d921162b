"""The tree of errors: what is a kind of what, and what may go away by itself."""

from __future__ import annotations

import pickle

import psycopg
import psycopg_pool
import pytest

from workflow_pg import errors


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.ConnectionFailure(),  # 08006
        psycopg.errors.SerializationFailure(),  # 40001
        psycopg.errors.DeadlockDetected(),  # 40P01
        psycopg.errors.AdminShutdown(),  # 57P01
        psycopg.errors.CannotConnectNow(),  # 57P03
        psycopg.errors.LockNotAvailable(),  # 55P03
        psycopg.errors.TooManyConnections(),  # 53300
        psycopg.errors.ReadOnlySqlTransaction(),  # 25006
        psycopg.OperationalError("the connection is lost"),
        psycopg.InterfaceError("the connection is closed"),
        psycopg_pool.PoolTimeout(),
    ],
)
def test_what_may_go_away_by_itself_is_transient(error: Exception) -> None:
    assert errors.is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.QueryCanceled(),  # 57014
        psycopg.errors.DiskFull(),  # 53100
        psycopg.errors.UniqueViolation(),  # 23505
        psycopg.errors.UndefinedFunction(),  # 42883
        psycopg.errors.InFailedSqlTransaction(),  # 25P02
        psycopg.ProgrammingError("no sqlstate"),
        psycopg.DataError("no sqlstate"),
        psycopg_pool.PoolClosed(),
        errors.Conflict("no"),
        errors.Unreachable("no"),
        errors.SchemaUnusable("no"),
        errors.WorldClosed("no"),
        ConnectionResetError(),
        KeyboardInterrupt(),
    ],
)
def test_what_stays_is_not(error: BaseException) -> None:
    assert not errors.is_transient(error)


def test_each_sqlstate_has_the_class_that_names_it() -> None:
    assert all(kind.sqlstate == code for code, kind in errors.BY_SQLSTATE.items())
    assert set(errors.BY_SQLSTATE.values()) == set(errors.Refusal.__subclasses__())


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    tree = {
        words[0]: " ".join(words[1:])
        for line in (errors.__doc__ or "").splitlines()
        if (words := line.strip("│├└─ ").split())
    }
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.WorkflowPgError):
            assert name in tree
        if isinstance(kind, type) and issubclass(kind, errors.Refusal):
            assert kind is errors.Refusal or tree[name].startswith(kind.sqlstate)


def test_a_refusal_survives_the_way_to_another_process() -> None:
    refusal = errors.TooEarly("wait", detail={"retry_after": 3}, hint="do")
    copy = pickle.loads(pickle.dumps(refusal))
    assert (str(copy), copy.retry_after, copy.hint) == ("wait", 3, "do")
