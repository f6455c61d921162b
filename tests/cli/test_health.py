"""`doctor` for people, `health` for probes: yes or no, and why."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.docs.apps import App
from tests.support import STEP, WORKFLOW, Session
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode

NOWHERE = "host=127.0.0.1 port=1 user=me password=hunter2 dbname=none"

Health = Callable[..., tuple[int, str]]


@pytest.fixture
def health(capsys: pytest.CaptureFixture[str]) -> Health:
    """Exit code and line of `health`."""

    def run(dsn: str, *words: str) -> tuple[int, str]:
        code = main(["health", *words, "--dsn", dsn])
        out, err = capsys.readouterr()
        assert err == ""
        assert out.count("\n") == 1
        return code, out.strip()

    return run


def announce(db: Session, deployment: str = "default") -> None:
    """Announce a worker."""
    told = {"workflows": [WORKFLOW], "steps": [STEP], "deployment_id": deployment}
    db.call("heartbeat_worker", worker_id="worker", **told)


def test_a_database_that_can_be_used_is_healthy(db: Session, health: Health) -> None:
    began = time.monotonic()
    code, line = health(db.dsn)
    assert code == ExitCode.OK
    assert line.startswith("healthy: the schema is at migration ")
    # A probe is asked every few seconds; the machine may be busy.
    assert time.monotonic() - began < 5


def test_with_worker_a_live_one_is_needed(db: Session, health: Health) -> None:
    assert health(db.dsn, "--worker") == (1, "unhealthy: no worker is alive")
    announce(db)
    code, line = health(db.dsn, "--worker")
    assert (code, line.endswith("; live workers: 1")) == (0, True)
    expected = (1, "unhealthy: no worker of deployment blue is alive")
    assert health(db.dsn, "--worker", "--deployment", "blue") == expected
    assert health(db.dsn, "--deployment", "blue") == expected
    assert health(db.dsn, "--deployment", "default")[0] == 0


def test_a_worker_of_all_deployments_will_do(db: Session, health: Health) -> None:
    announce(db, "*")
    assert health(db.dsn, "--worker", "--deployment", "blue")[0] == 0


def test_programs_read_one_line_of_json(db: Session, health: Health) -> None:
    code, line = health(db.dsn, "--json")
    assert (code, json.loads(line)["is_healthy"]) == (0, True)
    code, line = health(NOWHERE, "--json")
    told = json.loads(line)
    assert (code, told["is_healthy"]) == (1, False)
    assert "cannot be reached" in told["sentence"]


def test_a_database_that_is_not_there_is_unhealthy(health: Health) -> None:
    code, line = health(NOWHERE)
    assert code == ExitCode.NEGATIVE
    assert line.startswith("unhealthy: The database cannot be reached: ")
    assert "hunter2" not in line


def test_a_database_that_is_not_migrated_is_unhealthy(
    empty_dsn: str, health: Health
) -> None:
    code, line = health(empty_dsn)
    assert code == ExitCode.NEGATIVE
    assert "not migrated" in line


def test_a_database_that_does_not_answer_in_time_is_unhealthy(
    db: Session, health: Health
) -> None:
    assert health(db.dsn, "--timeout", "0") == (
        *(1, "unhealthy: the database has not answered within 0 s"),
    )


def doctor(dsn: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What `doctor` finds, by subject; it ends with 1 if there is a problem."""
    code = main(["doctor", "--json", "--dsn", dsn])
    out, err = capsys.readouterr()
    assert err == ""
    found = json.loads(out)
    has_problem = "problem" in [finding["severity"] for finding in found]
    assert code == (ExitCode.NEGATIVE if has_problem else ExitCode.OK)
    return {finding["subject"]: finding for finding in found}


def test_the_doctor_examines_everything(
    db: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    announce(db)
    found = doctor(db.dsn, capsys)
    assert list(found)[:4] == ["schema", "server", "connections", "clock"]
    assert found["schema"]["severity"] == "ok"
    assert len(found["schema"]["detail"]["sql_checksum"]) == 64
    assert found["clock"]["severity"] == "ok"
    assert found["served"]["severity"] == "ok"


def test_the_doctor_says_what_to_do(
    db: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    db.new_run()
    assert main(["doctor", "--dsn", db.dsn]) == ExitCode.NEGATIVE
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["is", "what", "finding"]
    (place,) = [n for n, line in enumerate(lines) if " served " in line]
    assert lines[place].startswith("problem  served ")
    assert f"for {WORKFLOW} in deployment default" in lines[place]
    assert lines[place + 1].split()[:3] == ["->", "Start", "a"]


def test_a_schema_that_cannot_be_used_is_a_problem(
    empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = doctor(empty_dsn, capsys)
    assert list(found) == ["schema"]
    assert "migrate up" in found["schema"]["sentence"]


def test_a_database_that_is_not_there_is_a_problem(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = doctor(NOWHERE, capsys)
    assert list(found) == ["database"]
    assert "hunter2" not in found["database"]["sentence"]


def test_with_probe_a_worker_has_to_answer(db: Session, health: Health) -> None:
    announce(db)
    asked = "--worker", "--probe", "--timeout", "0.5"
    # It lives, and claims nothing.
    assert health(db.dsn, *asked) == (
        1,
        "unhealthy: no worker of deployment default answered on queue"
        " __wkf_workflow_health_check within 0.5 s",
    )
    code, line = health(db.dsn, "--probe", WORKFLOW, "--timeout", "0.1")
    assert (code, WORKFLOW in line) == (1, True)


def test_a_probe_of_what_is_no_queue_is_a_wrong_command_line(
    db: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["health", "--probe", "__nonsense", "--dsn", db.dsn]
    assert main(words) == ExitCode.USAGE
    assert capsys.readouterr() == (
        "",
        "workflow-pg: queue name '__nonsense' is malformed: __wkf_workflow_ and the"
        " name of a workflow are needed\n",
    )


def test_a_worker_that_answers_is_healthy(
    dsn: str, tmp_path: Path, health: Health
) -> None:
    app = App(folder=tmp_path, dsn=dsn)
    with app.worker("tests.cli.apps.gates:wf"):
        for words in ((), ("workflow//tests.cli.apps.gates//hello",)):
            code, line = health(dsn, "--probe", *words, "--timeout", "20")
            assert code == ExitCode.OK
            (latency,) = re.findall(r"; a worker answered in (\d+\.\d{3}) s$", line)
            assert 0 < float(latency) < 20
