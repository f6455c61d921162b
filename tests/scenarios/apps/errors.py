"""What goes wrong, in bodies and in steps."""

from __future__ import annotations

import asyncio
from typing import Any

from vercel.workflow import (
    FatalError,
    RetryableError,
    SandboxPolicy,
    SerializationError,
    Workflows,
    get_step_metadata,
    register_serializable,
)

from tests.scenarios.apps.helper import break_in_a_helper

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))
elsewhere = Workflows(as_vercel_job=False)
"""A registry that no worker of these tests serves."""


class OutOfStock(Exception):
    """An exception with attributes that travels whole."""

    def __init__(self, sku: str, left: int) -> None:
        super().__init__(f"{left} of {sku} are left")
        self.sku, self.left = sku, left

    def _workflow_serialize(self) -> dict[str, Any]:
        return {"sku": self.sku, "left": self.left}

    @classmethod
    def _workflow_deserialize(cls, data: dict[str, Any]) -> OutOfStock:
        return cls(**data)


register_serializable(OutOfStock)


class Unknown:
    """What no payload carries."""


@wf.step
async def echo(value: str) -> str:
    """Return the value."""
    return value


@wf.workflow
async def nested() -> None:
    """Raise through three functions."""
    outer()


def outer() -> None:
    """The first of them."""
    middle()


def middle() -> None:
    """The second."""
    inner()


def inner() -> None:
    """The third."""
    raise ValueError("at the bottom")


@wf.workflow
async def across_files() -> None:
    """Raise in an imported helper."""
    break_in_a_helper("in the body")


@wf.step(max_retries=0)
async def break_once() -> None:
    """Raise, and be not tried again."""
    raise ValueError("broken")


@wf.step(max_retries=0)
async def break_elsewhere() -> None:
    """Raise in an imported helper."""
    break_in_a_helper("in a step")


@wf.workflow
async def caught(name: str) -> list[str]:
    """What a body learns of the error of a step."""
    step = {"here": break_once, "elsewhere": break_elsewhere}[name]
    try:
        await step()
    except FatalError as error:
        cause = error.__cause__
        return [str(error), type(cause).__name__, str(cause), str(vars(error)["stack"])]
    return []


@wf.step
async def succeed_in_the_third() -> int:
    """Raise an ordinary exception twice."""
    attempt = get_step_metadata().attempt
    if attempt < 3:
        raise ConnectionError(f"attempt {attempt}")
    return attempt


@wf.workflow
async def third_time() -> int:
    """Succeed at last."""
    return await succeed_in_the_third()


@wf.step(max_retries=1)
async def never() -> None:
    """Raise always."""
    raise ConnectionError("no route")


@wf.workflow
async def exhausted() -> list[str]:
    """Catch what is left when a step has used up its retries."""
    try:
        await never()
    except FatalError as error:
        return [str(error), repr(error.__cause__), await echo("went on")]
    return []


@wf.step
async def fatal_from_type_error() -> None:
    """Fail for good, with a cause."""
    try:
        len(None)  # pyright: ignore[reportArgumentType]
    except TypeError as error:
        raise FatalError("cannot charge") from error


@wf.workflow
async def fatal(*, catch: bool) -> list[Any]:
    """A step fails for good."""
    try:
        await fatal_from_type_error()
    except FatalError as error:
        if not catch:
            raise
        cause = error.__cause__
        return [type(error) is FatalError, error.fatal, str(error), repr(cause)]
    return []


@wf.workflow
async def fatal_in_the_body() -> None:
    """Fail for good in the body, with a cause."""
    try:
        int("x")
    except ValueError as error:
        raise FatalError("cannot count") from error


@wf.step
async def run_out(sku: str) -> None:
    """An exception of one's own, whose class is registered."""
    raise FatalError("failed") from OutOfStock(sku, 2)


@wf.workflow
async def attributes(*, in_step: bool) -> list[Any]:
    """Read the attributes of an exception from a step, or raise it."""
    if not in_step:
        raise OutOfStock("hat", 1)
    try:
        await run_out("hat")
    except FatalError as error:
        cause = error.__cause__
        assert isinstance(cause, OutOfStock)
        return [cause.sku, cause.left]
    return []


@wf.step
async def pass_on(values: Any) -> Any:
    """Return what it is given."""
    return values


@wf.workflow
async def as_values(values: Any) -> Any:
    """Exceptions that are values and not raised."""
    return await pass_on(values)


@elsewhere.workflow
async def unserved() -> None:
    """A workflow that no worker has."""


@elsewhere.step
async def missing() -> str:
    """A step that no worker has, at first."""
    return "found"


@wf.workflow
async def call_missing() -> str:
    """Call it."""
    return await missing()


@wf.workflow
async def unserializable_argument(*, catch: bool) -> list[str]:
    """Pass what cannot be passed, beside a step that can."""
    sibling = asyncio.ensure_future(echo("sibling"))
    try:
        await pass_on({"here": [Unknown()]})
    except SerializationError as error:
        if not catch:
            raise
        return [str(error), await sibling]
    return []


@wf.step
async def unserializable_result() -> Any:
    """Return what cannot be returned."""
    return {"here": Unknown()}


@wf.workflow
async def unserializable(*, in_step: bool) -> Any:
    """Return what cannot be returned."""
    if in_step:
        return await unserializable_result()
    return [Unknown()]


@wf.step
async def limited() -> int:
    """Ask for a second, once."""
    attempt = get_step_metadata().attempt
    if attempt == 1:
        raise RetryableError("later", retry_after="1s")
    return attempt


@wf.workflow
async def wait_a_second() -> int:
    """Call it."""
    return await limited()
