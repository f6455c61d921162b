"""What a log record says of the delivery that it belongs to.

A filter writes it on the record where it is made, in the worker's code and in yours:

    handler.addFilter(DeliveryFilter())

Every record that passes has the attributes of FIELDS; outside a delivery they are None.
Payloads are not among them.
"""

from __future__ import annotations

import logging

from vercel.workflow import get_step_metadata

from workflow_pg.sdk.context import Held, current, worker_id

__all__ = ["FIELDS", "DeliveryFilter", "fields_of"]

FIELDS = (
    "worker_id",
    "run_id",
    "step_id",
    "step_name",
    "attempt",
    "message_id",
    "delivery",
)
"""``attempt`` counts the executions of a step's body, and is None outside of one;
``delivery`` counts the deliveries of a message since its last orderly return."""


class DeliveryFilter(logging.Filter):
    """Lets every record pass, with what is known of its delivery written on it.

    Attach it to a handler: filters of a logger do not see the records of its children.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Write the attributes of FIELDS; what ``extra=`` has set stays."""
        known = {"worker_id": worker_id.get(), **fields_of(current.get())}
        for name in FIELDS:
            if not hasattr(record, name):
                setattr(record, name, known.get(name))
        return True


def fields_of(held: Held | None) -> dict[str, object]:
    """What there is to say of a delivery; nothing of None."""
    if held is None:
        return {}
    return {
        "run_id": held.delivery.run_id,
        "step_id": held.delivery.step_id,
        "step_name": held.delivery.step_name,
        "attempt": _attempt(),
        "message_id": held.delivery.message_id,
        "delivery": held.delivery.attempt,
    }


def _attempt() -> int | None:
    try:
        return get_step_metadata().attempt
    except RuntimeError:
        # Not inside a body: the SDK has no other way to ask.
        return None
