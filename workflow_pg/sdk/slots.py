"""How many deliveries a worker may have in hand, and who gave a place back early."""

from __future__ import annotations

from collections.abc import Callable

PARKED_LIMIT = 1000
"""Deliveries of one process that may wait for other runs without holding a slot."""


class Slots:
    """The places of a worker.

    Args:
        count: Deliveries handled at a time.
        on_free: Called when a place has become free.
    """

    def __init__(self, count: int, on_free: Callable[[], object]) -> None:
        self.free = count
        self._parked = 0
        self._on_free = on_free

    def take(self) -> Slot:
        """Take a place, which the caller knows to be free."""
        self.free -= 1
        return Slot(self)

    def park_one(self) -> bool:
        """Free a place whose holder only waits; False when too many do so."""
        if self._parked >= PARKED_LIMIT:
            return False
        self._parked += 1
        self._give_back()
        return True

    def end_one(self, *, was_parked: bool) -> None:
        """Take note that a delivery is over."""
        if was_parked:
            self._parked -= 1
            self._on_free()
        else:
            self._give_back()

    def _give_back(self) -> None:
        self.free += 1
        self._on_free()


class Slot:
    """A delivery's place: given back once, early or at its end."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._is_parked = False

    def park(self) -> None:
        """Give it back early; the delivery does not take it again."""
        if not self._is_parked:
            self._is_parked = self._slots.park_one()

    def end(self) -> None:
        """The delivery is over."""
        self._slots.end_one(was_parked=self._is_parked)
