"""The World of clients/typescript, in one Node process for the whole test run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.door.wire import Json
from tests.doors.door import DEPLOYMENT
from tests.doors.protocol import Protocol
from tests.doors.shapes import as_hook, packed, unpacked
from tests.doors.values import Hook, Refused

BRIDGE = Path(__file__).with_name("bridge.mjs")

# Classes that the runtimes know by their names, and that carry no code.
CODES = {
    "WorkflowRunNotFoundError": 404,
    "HookNotFoundError": 404,
    "AttributeValidationError": 422,
    "RunNotSupportedError": 426,
}


class TypeScript(Protocol):
    """Calls of a World in another process, one at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.methods: list[str] = self._answer()["methods"]

    def call(self, operation: str, *arguments: Any) -> Any:
        assert self._process.stdin is not None
        line = {"operation": operation, "arguments": [packed(a) for a in arguments]}
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        told = self._answer()
        if error := told.get("error"):
            raise Refused(_code(error), error.get("retryAfter"), error["message"])
        return unpacked(told["answer"])

    def _answer(self) -> Json:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the Node process has ended: its reason is above"
        return json.loads(line)

    def get_hook(self, run_id: str, hook_id: str) -> Hook:
        hook = as_hook(self.call("hooks.get", hook_id, {}))
        assert hook.run_id == run_id
        return hook

    def follow_stream(self, run_id: str, name: str, start: int) -> list[bytes]:
        return self.call("streams.get", run_id, name, start)


def _code(error: Json) -> int:
    code = str(error.get("code", ""))
    return int(code[2:]) if code.startswith("WF") else CODES[error["name"]]


@contextmanager
def type_script(node: str, dsn: str) -> Generator[TypeScript]:
    """The door, and the process behind it."""
    with subprocess.Popen(
        [node, str(BRIDGE), DEPLOYMENT],
        env=os.environ | {"WORKFLOW_PG_DSN": dsn, "NO_COLOR": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield TypeScript(process)
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(30) == 0
        finally:
            process.kill()
