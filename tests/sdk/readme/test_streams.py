"""The README on streams: written by steps, read by clients."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest
from vercel.workflow import (
    RetryableError,
    SerializationError,
    TypeValidationError,
    read_stream,
    start,
)

from tests.crew import Crew
from tests.sdk.readme.apps import business, passing, reading, streaming, typed
from tests.sdk.readme.apps.typed import Token

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [streaming.wf, passing.wf, typed.wf]
WORDS = "to be or not to be"


async def all_of(chunks: Any) -> list[Any]:
    """Every chunk up to the close of the stream."""
    async with aclosing(chunks):
        return [chunk async for chunk in chunks]


async def test_a_client_prints_what_a_step_writes(crew: Crew) -> None:
    printed: list[Any] = []
    run = await reading.follow(WORDS, printed.append)
    assert printed == WORDS.split()
    assert await crew.result(run) == "tobeornottobe"
    printed.clear()
    await reading.follow_from(run, 1, printed.append)
    assert printed == ["or", "not", "to", "be"]


async def test_a_stream_carries_models(crew: Crew) -> None:
    printed: list[Any] = []
    run = await start(typed.analyze, document=WORDS)
    await reading.follow_tokens(run, printed.append)
    assert printed == WORDS.split()
    tokens = await all_of(run.readable(type=Token))
    assert tokens[1] == Token(text="be", index=1)
    assert (await all_of(run.readable()))[1] == {"text": "be", "index": 1}
    with pytest.raises(TypeValidationError):
        await anext(run.readable(type=int))
    (name,) = await run.list_streams()
    assert await all_of(read_stream(run.run_id, name, type=Token)) == tokens
    assert await crew.result(run) == "6 words"


async def test_a_body_passes_its_stream_to_a_step(crew: Crew) -> None:
    run = await start(passing.analyze, document=WORDS)
    assert await all_of(run.readable()) == ["starting", *WORDS.split()]
    assert await crew.result(run) == WORDS


async def test_only_a_step_can_write(crew: Crew) -> None:
    failure = await crew.failure(await start(passing.write_in_the_body))
    assert "cannot write to stream" in str(failure)


async def test_a_namespace_is_a_second_stream(crew: Crew) -> None:
    run = await start(passing.logged, WORDS)
    await crew.result(run)
    assert await all_of(run.readable(namespace="logs")) == [{"words": 6}]
    assert await all_of(run.readable()) == WORDS.split()
    assert len(await run.list_streams()) == 2
    info = await run.stream_info()
    assert (info.tail_index, info.done) == (5, True)
    info = await run.stream_info(namespace="never")
    assert (info.tail_index, info.done) == (-1, False)


async def test_nothing_closes_a_stream_and_what_a_step_wrote_is_readable(
    crew: Crew,
) -> None:
    """Not even the end of the run closes it."""
    business.llm.halfway = fail
    run = await start(passing.halved, WORDS)
    await crew.reaches(run, "step_retrying")
    info = await run.stream_info()
    assert (info.tail_index, info.done) == (1, False)
    business.llm.halfway = None
    await crew.result(run)
    # A retry streams again, and only the clean way out has closed the stream.
    assert await all_of(run.readable()) == ["to", "be", *WORDS.split()]


def fail() -> None:
    """Have the step fail in the middle."""
    raise RetryableError("the model is busy")


async def test_bytes_are_what_an_http_body_wants(crew: Crew) -> None:
    body = bytes(range(100))
    run = await start(passing.download, body)
    assert b"".join(await all_of(run.readable_bytes())) == body
    assert len(await all_of(run.readable_bytes(start_index=-2))) == 2
    run = await start(streaming.analyze, document=WORDS)
    await crew.result(run)
    with pytest.raises(SerializationError, match="not bytes"):
        await all_of(run.readable_bytes())


async def test_a_reader_goes_on_exactly_where_it_left_off(crew: Crew) -> None:
    run = await start(streaming.analyze, document=WORDS)
    seen: list[str] = []
    while len(seen) < 6:
        async with aclosing(run.readable(start_index=len(seen))) as chunks:
            seen.append(await anext(chunks))
    assert seen == WORDS.split()
    assert await all_of(run.readable(start_index=-1)) == ["be"]
    await crew.result(run)
