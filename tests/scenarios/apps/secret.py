"""A class that only a step imports."""

from __future__ import annotations

from typing import Any

from vercel.workflow import register_serializable


class Secret:
    """A number that nobody else knows."""

    def __init__(self, number: int) -> None:
        self.number = number

    def _workflow_serialize(self) -> dict[str, Any]:
        return {"number": self.number}

    @classmethod
    def _workflow_deserialize(cls, data: dict[str, Any]) -> Secret:
        return cls(**data)


register_serializable(Secret)
