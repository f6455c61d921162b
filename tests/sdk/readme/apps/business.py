"""What the README's code calls and does not show: a bank, a model, a mailbox.

Steps run outside the sandbox, so the lists are those of the test's process.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta

BASE_URL = "https://shop.example"

charged: list[str] = []
"""Customers that were charged, in order."""

elapsed: list[timedelta] = []
"""What attempts of a step measured since its first one began."""

links: list[str] = []
"""Links that were sent by mail."""

answers: list[int | Exception] = []
"""What the API answers to the next calls: a status, or no answer at all."""

fulfilled: list[object] = []
"""What was sent to customers."""


@dataclasses.dataclass
class Response:
    """What an API answers."""

    status_code: int


class Http:
    """A client of an API."""

    calls = 0

    async def post(self, *_: object) -> Response:
        """Charge somebody."""
        self.calls += 1
        answer = answers.pop(0) if answers else 200
        if isinstance(answer, Exception):
            raise answer
        return Response(answer)


class Llm:
    """A model that repeats what it is told."""

    halfway: Callable[[], None] | None = None
    """Called after the second word."""

    async def stream(self, document: str) -> AsyncGenerator[str, None]:
        """The words of a document, one by one."""
        for number, word in enumerate(document.split()):
            await asyncio.sleep(0)
            if number == 2 and self.halfway:
                self.halfway()
            yield word


http = Http()
llm = Llm()
