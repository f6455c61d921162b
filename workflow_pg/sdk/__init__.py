"""Run workflows written for ``vercel-workflow`` on PostgreSQL.

    from workflow_pg.sdk import use_postgres

    use_postgres("postgresql://app@db/app")

After that ``start``, ``Run``, hooks and everything else of ``vercel.workflow`` work
as its documentation says. Starting runs and resuming hooks needs no worker in the
process; runs are executed by ``workflow-pg worker MODULE:REGISTRY``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from workflow_pg.models import KeyPolicy, KeyScope
from workflow_pg.sdk.keys import Key, KeyFile, KeyProvider, KeyRing

if TYPE_CHECKING:
    from workflow_pg.sdk._compat import Run, Workflow
    from workflow_pg.sdk.joining import Block
    from workflow_pg.sdk.world import PostgresWorld

T = TypeVar("T")


class NamedWorkflow(Protocol):
    """What ``Workflows.workflow`` makes of a function."""

    @property
    def workflow_id(self) -> str:
        """Its name."""
        ...


def use_postgres(
    dsn: str | None = None,
    *,
    deployment: str = "default",
    listen_dsn: str | None = None,
    prepare_threshold: int | None = 5,
    keys: KeyProvider | None = None,
) -> None:
    """Make PostgreSQL the World of this process.

    Call it before or after the modules with workflows are imported. Nothing is
    connected until the first use; each event loop gets a pool of its own, which is
    closed with the loop.

    Args:
        dsn: Where the schema is installed; default is ``WORKFLOW_PG_DSN``, else the
            development server of the current directory.
        deployment: Name under which runs are started; workers of the same name
            execute them.
        listen_dsn: Direct connection for notifications of workers, of readers of
            streams and of those who wait for results, where ``dsn`` leads through a
            pooler.
        prepare_threshold: After how many executions a statement is prepared; None
            behind a pooler in transaction mode.
        keys: Encryption keys for the payloads of runs: a ``KeyFile``, a ``KeyRing`` or
            a function of your own; default are those of ``WORKFLOW_PG_KEYS``, else runs
            are not encrypted.

    Raises:
        ValueError: There is no DSN.
        BadKeys: The keys cannot be read.
        ImportError: There is no ``vercel-workflow``, or it is not 0.12.x.
    """
    from workflow_pg.sdk.version import check_sdk_version

    check_sdk_version()

    from workflow_pg.sdk import _compat, under_test

    if _compat.in_sandbox() or under_test.has_world:
        # The SDK imports the app's module again inside its sandbox, where no World
        # is used and no connection may be made. And a test has its World already.
        return

    from workflow_pg.embedded import named_dsn
    from workflow_pg.sdk.keys import keys_of_environment
    from workflow_pg.sdk.world import PostgresWorld

    if isinstance(keys, KeyFile):
        keys.read()
    chosen = named_dsn(dsn) or under_test.default_dsn
    if not chosen:
        raise ValueError(
            "no database: pass a DSN to use_postgres, or set WORKFLOW_PG_DSN, or"
            " start this directory's development server with `workflow-pg dev`"
        )
    _compat.set_world(
        PostgresWorld(
            chosen,
            deployment=deployment,
            listen_dsn=listen_dsn,
            prepare_threshold=prepare_threshold,
            keys=keys if keys is not None else keys_of_environment(),
        )
    )


async def health_check(
    workflow: str | NamedWorkflow | None = None,
    *,
    timeout: float = 10.0,  # noqa: ASYNC109  # part of what is asked, not of how
    namespace: str | None = None,
) -> float:
    """Ask a worker of this process's deployment over the queue whether it is there.

    Args:
        workflow: One whose worker is to answer: itself, its name, or its queue; default
            is any worker.
        timeout: Seconds to wait.
        namespace: Queue namespace, when ``workflow`` does not say it itself.

    Returns:
        Seconds between the send and the answer.

    Raises:
        TimeoutError: Nobody has answered in time.
        RuntimeError: There was no ``use_postgres``.
        MalformedCall: WF400, the name is that of no workflow and no queue.

    SQL: workflow_pg.send_message, workflow_pg.read_stream, workflow_pg.withdraw_probe
    """
    from workflow_pg.health import ANY_WORKFLOW, probe
    from workflow_pg.sdk import _compat

    world = _our_world()
    if workflow is not None and not isinstance(workflow, str):
        workflow = _compat.queue_name(workflow)
    return await probe(
        await world.worlds.get(),
        ANY_WORKFLOW if workflow is None else workflow,
        timeout=timeout,
        deployment_id=world.deployment,
        namespace=namespace,
    )


async def result(run: Run[T], *, timeout: float | None = None) -> T:  # noqa: ASYNC109
    """What ``run.return_value()`` returns or raises, as soon as the run has ended.

    The SDK reads the run each second; here the database tells. Use it where a request
    waits for a short run. Outside of a workflow's body; in steps as well.

    Args:
        run: What ``start`` or ``get_run`` returned.
        timeout: Seconds to wait at most; None waits for the end.

    Returns:
        What the workflow returned.

    Raises:
        TimeoutError: The run has not ended in time; it goes on.
        WorkflowRunFailedError: The run failed.
        RuntimeError: The run was cancelled, or there was no ``use_postgres``.

    SQL: workflow_pg.announce_waiters, workflow_pg.get_run
    """
    from workflow_pg.sdk.results import wait_for

    return await wait_for(_our_world(), run, timeout)


def use_connection(connection: object, *, savepoints: bool = True) -> Block:
    """Make the SDK's calls inside the block statements of your own transaction.

        with use_connection(conn):
            run = await start(fulfil, "A17", 4200)

    ``start``, ``start_once``, ``resume``, ``terminate``, ``set_attributes`` and what
    they read go through the connection. Others see it after your commit; after a
    rollback nothing of it has happened. On a connection in autocommit mode, outside a
    transaction, each call is a transaction of its own. Nothing is ever repeated: an
    error that may go away is raised as it is. Streams are no part of it.

    It works as ``with`` and as ``async with``, in a web server and in the body of a
    step. Blocks may be nested; the innermost counts. Tasks that are started inside the
    block share it and have to end inside it.

    Args:
        connection: A ``Connection`` or ``AsyncConnection`` of psycopg 3; a
            ``Connection``, ``AsyncConnection``, ``Session`` or ``AsyncSession`` of
            SQLAlchemy; the ``connection`` of Django; the last two with psycopg 3. One
            that blocks is used in a thread.
        savepoints: Whether a call that is refused leaves your transaction usable, at
            the price of a savepoint for each call. Without, and in pipeline mode, it is
            aborted, as by any statement that fails.

    Raises:
        RuntimeError: ``use_postgres`` was not called.
        ConnectionUnusable: The connection is none of these, here or at the first call;
            at a call: it leads to another database than ``use_postgres``, or the block
            is over.
        SchemaUnusable: At the first call: its database lacks our schema.
    """
    from workflow_pg.sdk.joining import Block

    _our_world()
    return Block(connection, savepoints=savepoints)


async def start_once(
    workflow: Workflow[..., T],
    *args: object,
    key: str,
    policy: KeyPolicy = KeyPolicy.RETURN,
    scope: KeyScope = KeyScope.KEPT,
    ttl: timedelta | None = None,
    **kwargs: object,
) -> Run[T]:
    """Start a run, unless its key stands for one already: that one is returned.

        run = await start_once(fulfil, "A17", 4200, key="order-A17")

    A key is unique across the database, whatever the workflow and the deployment, and
    stands for one workflow with one list of arguments, as idempotency keys of HTTP APIs
    do: put into it what makes the start the same start. However many processes start
    at once, one run comes of it.

    Args:
        workflow: What ``start`` takes.
        args: Arguments of the workflow.
        key: 1 to 1024 bytes.
        policy: When the key stands for a run: ``KeyPolicy.RETURN`` it, if it has the
            same workflow and arguments; ``KeyPolicy.REFUSE``, whatever it has.
        scope: How long the key will stand for the new run. ``KeyScope.LIVE``: until the
            run is final; ``KeyScope.KEPT``: as long as it is kept; ``KeyScope.TIMED``:
            for ``ttl``, whatever becomes of it.
        ttl: With ``KeyScope.TIMED`` only: at most 1000 days, from now.
        kwargs: Keyword arguments of the workflow; those that are called as one of ours
            are passed by position.

    Returns:
        The SDK's handle of the run, which may have ended long ago.

    Raises:
        RuntimeError: ``use_postgres`` was not called.
        Conflict: The key is taken, or stands for another workflow or other arguments
            (WF409); ``detail["run_id"]`` is its run. Nothing was written.
        WorkflowWorldError: The key or another argument is malformed or too large, as
            with ``start``. Nothing was written.
    """
    from workflow_pg.sdk import keyed

    return await keyed.start_once(
        _our_world().keys,
        workflow,
        args,
        kwargs,
        key=key,
        policy=policy,
        scope=scope,
        ttl=ttl,
    )


def _our_world() -> PostgresWorld:
    from workflow_pg.sdk import _compat
    from workflow_pg.sdk.world import PostgresWorld

    # Another World would start a run, and know nothing of keys and transactions.
    world = _compat.get_world()
    if not isinstance(world, PostgresWorld):
        raise RuntimeError(  # noqa: TRY004  # no argument is wrong
            "this process has no World of ours: call use_postgres first"
        )
    return world


__all__ = [
    "Key",
    "KeyFile",
    "KeyPolicy",
    "KeyProvider",
    "KeyRing",
    "KeyScope",
    "health_check",
    "result",
    "start_once",
    "use_connection",
    "use_postgres",
]
