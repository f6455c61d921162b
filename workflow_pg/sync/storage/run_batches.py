# Written by `make sync` from workflow_pg/storage/run_batches.py: edit that one.
"""The methods of ``world.runs`` that are about many runs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflow_pg.calls import runs as calls
from workflow_pg.models import AppendOutcome, CancelOutcome, Codec, NewRun, Run
from workflow_pg.sync.database import Connection, Facade


class RunBatches(Facade):
    """Many runs in one call, which is one transaction."""

    def create_many(
        self,
        runs: Sequence[NewRun],
        *,
        codec: Codec = Codec.OPAQUE,
        deployment_id: str = "default",
        execution_context: Mapping[str, object] | None = None,
        allow_reserved: bool = False,
        spec_version: int = 7,
        connection: Connection | None = None,
    ) -> list[AppendOutcome]:
        """Create runs, each with the message that starts it: ``run_created``.

        A repeat is safe: a run that exists is rejected alone.

        Args:
            runs: At most 10,000, each id once.
            codec: How to read their inputs.
            deployment_id: Only its workers execute the runs; 1 to 255 bytes.
            execution_context: JSON object of the SDK, for all runs; its
                ``queueNamespace`` names their queue.
            allow_reserved: Whether keys of attributes may begin with ``$``.
            spec_version: Protocol version of the writer, 2 to 7; fixed for the runs.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The outcome of each run, in order: status 200, or 409 when it exists.

        Raises:
            MalformedCall: An argument is malformed, also of one run (WF400). Nothing
                was written.
            TooLarge: An input is over 16 MiB (WF413). Nothing was written.
            LimitExceeded: Attributes are over a limit (WF422). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.create_runs
        """
        return self._database.run(
            calls.CREATE_RUNS(
                **calls.as_arrays(runs),
                codec=codec,
                deployment_id=deployment_id,
                execution_context=execution_context,
                allow_reserved=allow_reserved,
                spec_version=spec_version,
            ),
            connection,
        )

    def cancel_many(
        self,
        run_ids: Sequence[str],
        *,
        reason: str | None = None,
        spec_version: int = 7,
        connection: Connection | None = None,
    ) -> list[CancelOutcome]:
        """Cancel runs, each as ``cancel`` does: ``run_cancelled``.

        Args:
            run_ids: 1 to 500 runs, each once.
            reason: For people, at most 512 UTF-16 units; every event has it.
            spec_version: Protocol version of the writer, 2 to 7.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            What became of each run, in order.

        Raises:
            MalformedCall: Too many ids, none, or one twice (WF400). Nothing was
                written.
            LimitExceeded: ``reason`` is too long (WF422). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.cancel_runs
        """
        return self._database.run(
            calls.CANCEL_RUNS(
                run_ids=run_ids, reason=reason, spec_version=spec_version
            ),
            connection,
        )

    def get_many(
        self,
        run_ids: Sequence[str],
        *,
        with_payloads: bool = True,
        connection: Connection | None = None,
    ) -> list[Run | None]:
        """Read runs, all of the same moment.

        Args:
            run_ids: The runs; one may be there more than once.
            with_payloads: Whether to read inputs, outputs and errors.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The runs in the order of their ids, None where there is no such run.

        SQL: workflow_pg.get_runs
        """
        return self._database.run(
            calls.GET_RUNS(run_ids=run_ids, with_payloads=with_payloads), connection
        )
