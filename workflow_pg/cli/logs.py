"""Logs of workers: a line for people, or an object for programs, of each record."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from enum import StrEnum

from workflow_pg.cli.output import clean, time_words

__all__ = ["LOG_LEVELS", "JsonFormatter", "LogFormat", "TextFormatter", "set_up_logs"]

LOG_LEVELS = ("debug", "info", "warning", "error")

# What every record has; the rest came with `extra=`.
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime"}
# In a text the ids of message and worker would leave no room for the message.
_SHOWN = {"run_id": "run", "step_id": "step", "step_name": "name", "attempt": "attempt"}


class LogFormat(StrEnum):
    """How a record is written."""

    TEXT = "text"
    JSON = "json"


def set_up_logs(wanted: LogFormat | None, level: str | None) -> None:
    """Write logs to standard error, unless somebody has set up logging before.

    Args:
        wanted: How to write them; None: as text.
        level: The least level that is written, one of LOG_LEVELS. None: info, or what
            is set up.
    """
    from workflow_pg.sdk.logs import DeliveryFilter

    handler = logging.StreamHandler()
    is_json = wanted is LogFormat.JSON
    handler.setFormatter(JsonFormatter() if is_json else TextFormatter())
    handler.addFilter(DeliveryFilter())
    # Does nothing when there is a handler already.
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    if level is not None:
        logging.getLogger().setLevel(level.upper())


class TextFormatter(logging.Formatter):
    """One line: time in UTC, level, logger, message, and which run and step.

    A traceback follows in lines of its own. Nothing in it moves a terminal.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        line = (
            f"{time_words(_time(record))} {record.levelname} {record.name}:"
            f" {clean(record.getMessage())}"
        )
        told = {shown: getattr(record, name, None) for name, shown in _SHOWN.items()}
        words = [f"{name}={clean(v)}" for name, v in told.items() if v is not None]
        if words:
            line += f" [{' '.join(words)}]"
        trace = _traceback(self, record)
        return "\n".join([line, *(f"  {_indented(part)}" for part in trace)])


class JsonFormatter(logging.Formatter):
    """One JSON object on one line, in ASCII.

    ``time`` in ISO 8601, ``level``, ``logger``, ``message``; the attributes that
    ``DeliveryFilter`` and ``extra=`` have set, those that are None left out; and
    ``exception`` with ``type``, ``message`` and ``traceback``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write the object."""
        made: dict[str, object] = {
            "time": _time(record).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in made and value is not None:
                made[name] = value
        if record.exc_info and (error := record.exc_info[1]) is not None:
            made["exception"] = {
                "type": type(error).__name__,
                "message": str(error),
                "traceback": "\n".join(_traceback(self, record)),
            }
        return json.dumps(made, default=str, skipkeys=True)


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    if not record.exc_info:
        return []
    return formatter.formatException(record.exc_info).splitlines()


def _indented(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))] + clean(line.lstrip(" "))
