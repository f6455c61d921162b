"""How many runs a crowd has: a sample, or as many as `make test-crowd` wants."""

from __future__ import annotations

import os

import pytest

IS_LARGE = "WORKFLOW_PG_TEST_CROWD" in os.environ

takes_its_time = pytest.mark.timeout(1800 if IS_LARGE else 120)
"""A mark for tests with a crowd."""


def crowd(sample: int, large: int) -> int:
    """How many there are."""
    return large if IS_LARGE else sample
