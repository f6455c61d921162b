"""Commands, workers and development servers, each in its database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import Command, wait_until
from tests.cli.development import APP, Dev, Developing
from tests.cli.workers import GATES, Hire, Hired
from tests.support import Session, connect
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode
from workflow_pg.embedded import destroy_dev, find_binaries
from workflow_pg.embedded.errors import EmbeddedError


@pytest.fixture
def command(db: Session, capsys: pytest.CaptureFixture[str]) -> Command:
    """What a command prints that succeeds."""

    def run(*arguments: str) -> str:
        assert main([*arguments, "--dsn", db.dsn]) == ExitCode.OK
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return run


@pytest.fixture
def session(dsn: str) -> Iterator[Session]:
    """A session in the database of the workers."""
    with connect(dsn) as session:
        yield session


@pytest.fixture
def hire(dsn: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Hire]:
    """Start workers; none outlives the test, and none ends with a traceback."""
    hired: list[Hired] = []
    tells_tracebacks = request.node.get_closest_marker("tells_tracebacks") is not None

    def start(*options: str, app: str = GATES, is_silent: bool = False) -> Hired:
        log = tmp_path / f"worker-{len(hired)}.log"
        hired.append(Hired(dsn, tmp_path, log, *options, app=app))
        if not is_silent:
            wait_until(hired[-1].serves)
        return hired[-1]

    yield start
    for worker in hired:
        worker.process.kill()
        worker.process.wait()
        text = worker.log.read_text()
        assert tells_tracebacks or "Traceback" not in text, text


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The directory of an app; its server goes with the test."""
    try:
        find_binaries()
    except EmbeddedError as error:
        pytest.skip(str(error))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "shop.py").write_text(APP)
    yield folder
    destroy_dev(folder)


@pytest.fixture
def dev(folder: Path, tmp_path: Path) -> Iterator[Developing]:
    """Start `dev` in the directory; it does not outlive the test."""
    started: list[Dev] = []

    def start(*options: str, is_silent: bool = False) -> Dev:
        log = tmp_path / f"dev-{len(started)}.log"
        started.append(Dev(folder, log, *options, is_silent=is_silent))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        assert "Traceback" not in one.log.read_text(), one.log.read_text()
