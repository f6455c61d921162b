"""Reading it back: clients of the streams."""

# The README is not typed strictly.
# pyright: basic

from collections.abc import Callable

from vercel.workflow import Run, start

from tests.sdk.readme.apps.streaming import analyze
from tests.sdk.readme.apps.typed import Token


async def follow(text: str, print: Callable[[object], None]) -> Run[str]:
    """Start a run, and print what it streams."""
    # README: Reading it back, 1
    run = await start(analyze, document=text)

    async for chunk in run.readable():
        print(chunk)
    # end
    return run


async def follow_tokens(run: Run[str], print: Callable[[object], None]) -> None:
    """Print the texts of models."""
    # README: Reading it back, 2
    async for token in run.readable(type=Token):
        print(token.text)
    # end


async def follow_from(
    run: Run[str], last_seen: int, print: Callable[[object], None]
) -> None:
    """Print what came after the last chunk that was seen."""
    # README: Reading it back, 3
    async for chunk in run.readable(start_index=last_seen + 1):
        print(chunk)
    # end
