"""Bodies that are replayed, each time in a sandbox of its own."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from vercel.workflow import start

from tests.crew import Crew, tell_sandboxes
from tests.scenarios.apps import replays

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [replays.wf]


async def test_body_and_step_know_who_they_are(crew: Crew) -> None:
    run = await start(replays.metadata)
    body, started_at, refusal, step = await crew.result(run)
    assert body[:2] == [
        run.run_id,
        "workflow//tests.scenarios.apps.replays//metadata",
    ]
    assert started_at == (await crew.world.runs_get(run.run_id)).started_at
    assert "can only be called inside a step" in refusal
    run_id, step_id, name, attempt, step_started_at, *its_run, by_helper = step
    assert (run_id, name, attempt) == (
        run.run_id,
        "step//tests.scenarios.apps.replays//ids",
        1,
    )
    assert step_started_at >= started_at
    # The SDK does not tell a step when its run started.
    assert its_run == [body, None]
    assert by_helper == [run_id, step_id]


async def test_a_body_cannot_call_out_and_a_step_can(crew: Crew) -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.0 200 OK\r\n\r\n{"ok": true}')
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        replays.ports[:] = [server.sockets[0].getsockname()[1]]
        *told, answered = await crew.result(await start(replays.fetch_here_and_there))
    assert answered == '{"ok": true}'
    assert len(told) == 2
    for sentence in told:
        assert sentence.startswith("SandboxRestrictionError: Cannot call ")
        assert sentence.endswith("inside a workflow. Workflows must be deterministic.")


async def test_what_no_replay_could_repeat_is_refused_by_name(crew: Crew) -> None:
    told = await crew.result(await start(replays.forbidden))
    assert told.keys() == replays.FORBIDDEN.keys()
    for name, sentence in told.items():
        called = "os.urandom" if name == "uuid.uuid4" else name
        assert sentence == (
            f"SandboxRestrictionError: Cannot call {called}() inside a workflow."
            " Workflows must be deterministic."
        )


async def test_random_numbers_and_times_are_those_of_the_log(crew: Crew) -> None:
    run = await start(replays.same_in_every_replay)
    seen = await crew.result(run)
    assert crew.replays(run) >= 6
    assert len({number for number, *_ in seen}) == 5
    assert all(earlier[2] <= later[2] for earlier, later in pairwise(seen))
    created = {event["created_at"] for event in crew.session.log(run.run_id)}
    assert {moment for *_, moment, _ in seen} <= created
    assert all(ns == round(at.timestamp() * 1000) * 10**6 for *_, at, ns in seen)


async def test_what_asyncio_has_for_structure_works(crew: Crew) -> None:
    replays.ran.clear()
    told = await crew.result(await start(replays.toolbox))
    assert told == ["timeout", "in time", sum(range(10))]
    running = most = 0
    for text in replays.ran:
        running += {"begin": 1, "end": -1}.get(text, 0)
        most = max(most, running)
    assert most == 3


async def test_a_group_of_tasks_fails_and_cleans_up_once(crew: Crew) -> None:
    told = await crew.result(await start(replays.group_fails, "group"))
    assert told == ["group cleaned up", "ValueError no"]
    assert replays.ran.count("group cleaned up") == 1


async def test_what_is_in_finally_comes_once_at_the_end(crew: Crew) -> None:
    run = await start(replays.finally_once, "try")
    await crew.reaches(run, "wait_created")
    await crew.settled(run)
    assert "try finally" not in replays.ran
    crew.end_sleeps(run)
    assert await crew.result(run) == "ended"
    assert [text for text in replays.ran if text.startswith("try")] == [
        "try body",
        "try finally",
    ]


async def test_both_modes_of_the_sandbox_write_the_same_log(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs: list[list[tuple[str, bytes | None]]] = []
    for shared in (False, True):
        tell_sandboxes(monkeypatch, replays.wf, shared=shared)
        run = await start(replays.finally_once, "same")
        await crew.reaches(run, "wait_created")
        await crew.settled(run)
        crew.end_sleeps(run)
        await crew.result(run)
        log = crew.session.log(run.run_id)
        logs.append([(event["event_type"], event["payload"]) for event in log])
    assert logs[0] == logs[1]


async def test_a_step_has_its_own_copies_and_so_has_the_body(crew: Crew) -> None:
    mine, got, again = await crew.result(await start(replays.own_copies, [0]))
    assert mine == [0, 1]
    assert got == [0, 100, 2, 3]
    assert again == [0, 100, 2, 100]
