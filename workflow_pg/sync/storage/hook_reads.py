# Written by `make sync` from workflow_pg/storage/hook_reads.py: edit that one.
"""The methods of ``world.hooks`` that read."""

from __future__ import annotations

from workflow_pg.calls import hooks as calls
from workflow_pg.models import (
    Hook,
)
from workflow_pg.sync.database import Connection, Facade

# Inside the class, `list` is the method.
HookList = list[Hook]


class HookReads(Facade):
    """Live hooks, by run and by token."""

    def get(
        self, run_id: str, hook_id: str, *, connection: Connection | None = None
    ) -> Hook:
        """Read one live hook with its metadata.

        Args:
            run_id: The run.
            hook_id: The hook.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The hook.

        Raises:
            NotFound: There is no such hook, or it is not live (WF404). Nothing was
                written.

        SQL: workflow_pg.get_hook
        """
        return self._database.run(
            calls.GET_HOOK(run_id=run_id, hook_id=hook_id), connection
        )

    def get_by_token(self, token: str, *, connection: Connection | None = None) -> Hook:
        """Read the live hook that holds a token, with its metadata.

        Args:
            token: The token.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The hook; its ``run_id`` and ``hook_id`` are what ``receive`` needs.

        Raises:
            NotFound: Nobody holds it (WF404). Nothing was written.

        SQL: workflow_pg.get_hook_by_token
        """
        return self._database.run(calls.GET_HOOK_BY_TOKEN(token=token), connection)

    def list(
        self,
        run_id: str,
        *,
        after: str | None = None,
        limit: int = 100,
        descending: bool = False,
        with_payloads: bool = False,
        cursor: str | None = None,
        connection: Connection | None = None,
    ) -> HookList:
        """Read one page of the live hooks of a run, ordered by id.

        Args:
            run_id: The run; no hook when there is no such run.
            after: ``hook_id`` of the last hook of the page before; None for the first
                page.
            limit: 1 to 1000 hooks.
            descending: The greatest id first.
            with_payloads: Whether to read metadata.
            cursor: ``cursor`` of the last hook of the page before, in place of
                ``after``.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The hooks, each with its ``cursor``.

        Raises:
            MalformedCall: ``limit`` is out of range, or ``cursor`` of another list
                (WF400). Nothing was written.
            RunFinal: Payloads are asked for and were purged (WF410). Nothing was
                written.

        SQL: workflow_pg.list_hooks
        """
        return self._database.run(
            calls.LIST_HOOKS(
                run_id=run_id,
                after=after,
                limit=limit,
                descending=descending,
                with_payloads=with_payloads,
                cursor=cursor,
            ),
            connection,
        )

    def list_all(
        self,
        *,
        after_token: str | None = None,
        limit: int = 100,
        descending: bool = False,
        with_payloads: bool = False,
        cursor: str | None = None,
        connection: Connection | None = None,
    ) -> HookList:
        """Read one page of the live hooks of all runs, ordered by token.

        Args:
            after_token: ``token`` of the last hook of the page before; None for the
                first page.
            limit: 1 to 1000 hooks.
            descending: The greatest token first.
            with_payloads: Whether to read metadata.
            cursor: ``cursor`` of the last hook of the page before, in place of
                ``after_token``.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The hooks, each with its ``cursor``.

        Raises:
            MalformedCall: ``limit`` is out of range, or ``cursor`` of another list
                (WF400). Nothing was written.

        SQL: workflow_pg.list_all_hooks
        """
        return self._database.run(
            calls.LIST_ALL_HOOKS(
                after_token=after_token,
                limit=limit,
                descending=descending,
                with_payloads=with_payloads,
                cursor=cursor,
            ),
            connection,
        )
