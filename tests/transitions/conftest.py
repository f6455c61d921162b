"""Loads the plugins that these tests stand on."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Load the shared database, and the guard that asks for forgotten runs."""
    # Its assertions are to be explained as those of a test are.
    pytest.register_assert_rewrite("tests.support")
    for plugin in ("tests.shared", "tests.unwakeable"):
        config.pluginmanager.import_plugin(plugin)
