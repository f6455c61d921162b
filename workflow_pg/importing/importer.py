"""Goes through the runs of the other database, takes each, and tells what it could not.

A run is read in one snapshot and taken in one transaction, its streams before it. What
was taken before is passed over, so an import that was stopped is begun again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import psycopg

from workflow_pg.errors import CodecError, Refusal
from workflow_pg.importing.documents import document_of
from workflow_pg.importing.source import Source
from workflow_pg.world import World

__all__ = ["Import", "Problem", "import_from"]

PAGE = 50
_NAMED = "strm_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not here as it was there.

    ``kind`` is run, event, step, hook, wait, stream or job. ``is_taken`` says whether
    its run was taken all the same; ``code`` is the SQLSTATE of a refusal.
    """

    run_id: str
    kind: str
    id: str
    is_taken: bool
    code: str | None
    sentence: str


@dataclass(slots=True)
class Import:
    """What has been done: how many runs were imported, present, changed or refused."""

    runs: Counter[str] = field(default_factory=Counter[str])
    events: int = 0
    streams: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])

    @property
    def is_complete(self) -> bool:
        """Whether everything of the other database is here."""
        return all(problem.is_taken for problem in self.problems)


async def import_from(
    dsn: str,
    world: World,
    *,
    deployment_id: str | None = None,
    namespace: str | None = None,
    progress: Callable[[Import], None] = lambda _: None,
) -> Import:
    """Take all runs of a database of ``@workflow/world-postgres``, which is only read.

    Args:
        dsn: The other database.
        world: Ours; its login has to be the owner of the schema.
        deployment_id: Whose workers are to execute the runs; None: of the deployment
            that each has there.
        namespace: Of the queues of the runs; None for none.
        progress: Told after each page of runs.

    Raises:
        Unreadable: It cannot be reached, or is another database.
    """
    done = Import()
    async with Source.open(dsn) as source:
        taker = _Taker(world, source, done, deployment_id, namespace)
        async with source.snapshot():
            taker.nameless = await source.nameless_streams()
        after, page = "", await _page(source, taker, "")
        while page:
            after = page
            progress(done)
            page = await _page(source, taker, after)
        async with source.snapshot():
            await _look_behind(source, world, done)
    return done


async def _page(source: Source, taker: _Taker, after: str) -> str | None:
    """Take the next runs; the id of the last one, None when there are no more."""
    last = None
    async with source.snapshot():
        for run_id in await source.runs(after, PAGE):
            await taker.take(run_id)
            last = run_id
    return last


@dataclass(slots=True)
class _Taker:
    """Takes one run after another."""

    world: World
    source: Source
    done: Import
    deployment_id: str | None
    namespace: str | None
    nameless: list[str] = field(default_factory=list[str])

    async def take(self, run_id: str) -> None:
        """Take a run with its streams, or note why not."""
        try:
            await self._take_streams(run_id)
            document, payloads = document_of(await self.source.rows_of(run_id))
            reply = await self.world.imports.run(
                document,
                payloads,
                deployment_id=self.deployment_id,
                namespace=self.namespace,
            )
        except (Refusal, CodecError, psycopg.DataError) as error:
            self.done.runs["refused"] += 1
            self._note(run_id, "run", run_id, error)
            return
        self.done.runs[reply.outcome] += 1
        self.done.events += reply.event_count or 0
        if reply.outcome == "changed":
            sentence = "it was imported before, and has moved on there since"
            self._note(run_id, "run", run_id, sentence)
        self.done.problems += [
            Problem(
                run_id=run_id,
                kind=note["kind"],
                id=note["id"],
                is_taken=True,
                code=None,
                sentence=note["note"],
            )
            for note in reply.notes
        ]

    async def _take_streams(self, run_id: str) -> None:
        mine = f"{_NAMED}{run_id.removeprefix('wrun_')}_"
        nameless = [name for name in self.nameless if name.startswith(mine)]
        async for page in self.source.chunks(run_id, nameless):
            is_new = await self.world.imports.stream(
                run_id,
                page.name,
                *page.chunks,
                first_index=page.first_index,
                created_at=page.created_at,
                closed_at=page.closed_at,
            )
            if not is_new:
                return
            self.done.streams += page.first_index == 0

    def _note(self, run_id: str, kind: str, id: str, why: Exception | str) -> None:
        problem = Problem(
            run_id=run_id,
            kind=kind,
            id=id,
            is_taken=False,
            code=why.sqlstate if isinstance(why, Refusal | psycopg.Error) else None,
            sentence=str(why).partition("\n")[0],
        )
        self.done.problems.append(problem)


async def _look_behind(source: Source, world: World, done: Import) -> None:
    """Note what belongs to no run, and what only a message of the queue knows."""
    async for kind, run_id, id_, sentence in source.left_behind():
        done.problems.append(_left(run_id, kind, id_, sentence))
    async for job, run_id, sentence in _unstored(source, world):
        done.problems.append(_left(run_id, "job", job, sentence))


async def _unstored(
    source: Source, world: World
) -> AsyncGenerator[tuple[str, str, str]]:
    async for job, message in source.queued():
        run_id = str(message.get("runId", ""))
        if "runInput" in message:
            found = await world.runs.get_many([run_id], with_payloads=False)
            if found == [None]:
                yield job, run_id, "the start of a run that was never stored"
        hook = cast("dict[str, Any]", message.get("hookInput") or {})
        if hook:
            what = f"a payload for hook {hook.get('hookId')}: resume it again"
            yield job, run_id, what


def _left(run_id: str, kind: str, id_: str, sentence: str) -> Problem:
    return Problem(
        run_id=run_id,
        kind=kind,
        id=id_,
        is_taken=False,
        code=None,
        sentence=sentence,
    )
