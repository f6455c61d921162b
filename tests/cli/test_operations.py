"""Commands of day one: what people read, what programs read, how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.support import LATER, STEP, WORKFLOW, Session, new_run_id
from workflow_pg.cli import main
from workflow_pg.cli.ages import age_words
from workflow_pg.cli.output import ExitCode

Command = Callable[..., str]

HOSTILE = "a\x1b[2J\x07\u202eb\nc"


@pytest.fixture
def command(db: Session, capsys: pytest.CaptureFixture[str]) -> Command:
    """What a command prints that ends with a code; 0 when it is not said."""

    def run(*words: str, code: ExitCode = ExitCode.OK) -> str:
        assert main([*words, "--dsn", db.dsn]) == code
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return run


@pytest.fixture
def refused(db: Session, capsys: pytest.CaptureFixture[str]) -> Command:
    """The sentence of a command that is refused with a code and writes nothing."""

    def run(*words: str, code: ExitCode) -> str:
        with db.nothing_written():
            assert main([*words, "--dsn", db.dsn]) == code
        out, err = capsys.readouterr()
        assert out == ""
        return err

    return run


def read_json(command: Command, *words: str, **told: Any) -> Any:
    """What a command prints for programs."""
    return json.loads(command(*words, "--json", **told))


def bury(db: Session, run_id: str, error: str = "why") -> str:
    """Send a message that comes before its run, and give it up; its id."""
    told = {"queue_name": f"__wkf_workflow_{WORKFLOW}", "body": b"x"}
    db.call("send_message", run_id=run_id, kind="custom", **told)
    (held,) = [m for m in db.claim() if m["run_id"] == run_id]
    names = ("run_id", "message_id", "lease_token")
    db.call("bury_message", error=error, **{name: held[name] for name in names})
    return held["message_id"]


def announce(db: Session, worker_id: str = "worker", **told: object) -> None:
    """Announce a worker of everything."""
    names = {"workflows": [WORKFLOW], "steps": [STEP]}
    db.call("heartbeat_worker", worker_id=worker_id, **{**names, **told})


def test_a_failed_run_is_retried_with_words_and_with_json(
    db: Session, command: Command
) -> None:
    old = db.new_run("failed")
    said = command("runs", "retry", old)
    new = said.split()[1]
    assert said == f"run {new} does the work of {old} again\n"
    assert f"it was retried as {new}" in command("runs", "show", old)
    words = ["runs", "retry", old, "--anyway", "--deployment", "green"]
    reply = read_json(command, *words)
    assert (reply["run_status"], reply["seq"]) == ("pending", 1)
    listed = command("runs", "list", "--deployment", "green")
    assert listed.count("wrun_") == listed.count(reply["run_id"]) == 1


def test_a_retry_that_is_refused_says_what_to_do(db: Session, refused: Command) -> None:
    said = refused("runs", "retry", db.new_run(), code=ExitCode.REFUSED)
    assert "only a run that is over is retried. Wait for its end, or" in said
    said = refused("runs", "retry", db.new_run("completed"), code=ExitCode.REFUSED)
    assert "--anyway" in said
    run_id = new_run_id()
    message_id = bury(db, run_id)
    said = refused("runs", "retry", run_id, code=ExitCode.NOT_FOUND)
    assert f"Its message {message_id} was given up: requeue that instead" in said


def test_a_run_is_woken(db: Session, command: Command, refused: Command) -> None:
    run_id = db.new_run()
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    assert command("runs", "wake", run_id) == f"run {run_id} is woken\n"
    said = command("runs", "wake", run_id, "--waits")
    assert said == f"run {run_id} is woken; sleeps that were ended: 1\n"
    done = read_json(command, "runs", "wake", run_id, "--waits")
    assert done["waits_completed"] == 0
    said = refused("runs", "wake", db.new_run("failed"), code=ExitCode.REFUSED)
    assert "there is nothing to wake" in said


def test_runs_are_compared_with_their_logs(
    db: Session, command: Command, refused: Command
) -> None:
    sound, bent = db.new_run(), db.new_run()
    db.do("update workflow_pg.runs set started_at = null where run_id = %s", bent)
    said = command("runs", "verify", sound)
    assert said == "runs that were verified: 1; the tables agree with the logs\n"
    said = command("runs", "verify", sound, bent, code=ExitCode.NEGATIVE)
    assert '{"started_at": null}' in said
    done = read_json(command, "runs", "verify", "--all", code=ExitCode.NEGATIVE)
    assert bent in done["discrepancies"]
    assert sound not in done["discrepancies"]
    for words in [], ["--all", sound]:
        assert "--all" in refused("runs", "verify", *words, code=ExitCode.USAGE)
    refused("runs", "verify", new_run_id(), code=ExitCode.NOT_FOUND)
    db.append(bent, "run_cancelled")
    db.call("delete_run", run_id=bent)


def test_a_run_is_deleted_when_it_is_over(
    db: Session, command: Command, refused: Command
) -> None:
    run_id, other = db.new_run(), db.new_run("failed")
    said = refused("runs", "delete", run_id, code=ExitCode.REFUSED)
    assert "only a run that is over is deleted. Cancel it first." in said
    command("runs", "cancel", run_id)
    said = command("runs", "delete", run_id)
    assert said.startswith(f"run {run_id} is deleted; events: 3, steps: 0, ")
    assert "does not exist" in refused(
        "runs", "delete", run_id, code=ExitCode.NOT_FOUND
    )
    assert read_json(command, "runs", "delete", other)["events"] == 3
    assert command("runs", "list") == "no runs\n"


def test_a_run_is_purged_when_it_is_over_and_says_so(
    db: Session, command: Command, refused: Command
) -> None:
    run_id = db.new_run()
    said = refused("runs", "purge", run_id, code=ExitCode.REFUSED)
    assert "only a run that is over is purged. Cancel it first." in said
    command("runs", "cancel", run_id)
    assert "purged" not in command("runs", "show", run_id)
    said = command("runs", "purge", run_id)
    assert said.startswith(f"run {run_id} is purged; payloads: 1, streams: 0, ")
    assert read_json(command, "runs", "purge", run_id)["events"] == 0
    said = command("runs", "show", run_id)
    assert "its payloads are deleted" in said
    assert "input: " not in said
    assert read_json(command, "runs", "show", run_id)["run"]["expired_at"]
    assert command("events", run_id).count("run_") == 3
    assert "run_cancelled" in command("events", run_id, "--follow")


def test_runs_are_listed_by_deployment_until_none_lives(
    db: Session, command: Command
) -> None:
    run_id = db.new_run(facts={"workflowName": WORKFLOW, "deploymentId": "blue"})
    db.new_run()
    words = ["runs", "list", "--deployment", "blue", "--live"]
    assert command(*words).count("wrun_") == 1
    command("runs", "cancel", run_id)
    assert command(*words) == "no runs\n"
    assert read_json(command, *words) == []


def test_live_hooks_are_listed_of_all_runs_and_of_one(
    db: Session, command: Command, refused: Command
) -> None:
    assert command("hooks", "list") == "no live hooks\n"
    one, other = db.new_run(), db.new_run()
    for run_id, token in ((one, "t1"), (other, "t2")):
        db.append(run_id, "hook_created", "hook_1", facts={"token": token})
    heading, *lines = command("hooks", "list").splitlines()
    assert heading.split() == ["token", "run", "hook", "of", "created"]
    assert [line.split()[:2] for line in lines] == [["t1", one], ["t2", other]]
    assert [h["token"] for h in read_json(command, "hooks", "list", one)] == ["t1"]
    words = ["hooks", "list", "--after", "t1", "--limit", "1"]
    assert [h["token"] for h in read_json(command, *words)] == ["t2"]
    assert command("hooks", "list", db.new_run()) == "no live hooks\n"
    refused("hooks", "list", new_run_id(), code=ExitCode.NOT_FOUND)


def test_a_hook_is_resumed_with_json_or_with_null(
    db: Session, command: Command, refused: Command
) -> None:
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t"})
    said = command("hooks", "resume", "t", '{"by": "Grace"}')
    assert said == f"hook hook_1 of run {run_id} has received it\n"
    assert read_json(command, "hooks", "resume", "t", "null")["run_id"] == run_id
    payloads = [event["payload"] for event in db.log(run_id)[-2:]]
    assert payloads == [b'{"by": "Grace"}', b"null"]
    said = refused("hooks", "resume", "another", "1", code=ExitCode.NOT_FOUND)
    assert "no live hook holds token 'another'" in said


@pytest.mark.parametrize("payload", ["{", "NaN", "", "'a'", "[" * 100_000, "\udcff"])
def test_what_is_no_json_is_a_wrong_command_line(
    db: Session, refused: Command, payload: str
) -> None:
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t"})
    said = refused("hooks", "resume", "t", payload, code=ExitCode.USAGE)
    assert "argument JSON" in said


def test_the_queue_is_counted(db: Session, command: Command) -> None:
    assert command("queue", "stats") == "no messages\n"
    now = db.now()
    db.set_clock(now - timedelta(minutes=3))
    db.new_run()
    db.set_clock(now)
    heading, line = command("queue", "stats").splitlines()
    assert heading.split()[:3] == ["deployment", "name", "due"]
    expected = ["default", WORKFLOW, "1", *"000010", "3", "min"]
    assert line.split() == expected
    (stat,) = read_json(command, "queue", "stats")
    assert (stat["pending"], stat["oldest_due_age"]) == (1, 180.0)


def test_what_was_given_up_is_listed_and_requeued(
    db: Session, command: Command, refused: Command
) -> None:
    assert command("queue", "dead") == "no message was given up\n"
    message_id = bury(db, "a run", HOSTILE)
    said = command("queue", "dead")
    assert message_id in said
    assert "absent" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
    assert read_json(command, "queue", "dead")[0]["last_error"] == HOSTILE
    said = command("queue", "requeue", message_id)
    assert said == f"message {message_id} of run a run is delivered again\n"
    refused("queue", "requeue", message_id, code=ExitCode.NOT_FOUND)
    message_id = bury(db, "another run")
    (done,) = read_json(command, "queue", "requeue", "--run", "another run")
    assert done["message_id"] == message_id


def test_a_message_of_a_run_that_is_over_points_to_the_retry(
    db: Session, refused: Command
) -> None:
    run_id = new_run_id()
    message_id = bury(db, run_id)
    db.new_run("failed", run_id=run_id)
    said = refused("queue", "requeue", message_id, code=ExitCode.REFUSED)
    assert f"run {run_id} is failed. Retry the run (" in said


def test_to_requeue_something_has_to_be_named(refused: Command) -> None:
    said = refused("queue", "requeue", code=ExitCode.USAGE)
    assert said.startswith("workflow-pg: Name a MESSAGE, ")


def test_workers_are_listed(db: Session, command: Command) -> None:
    assert command("workers") == "no workers\n"
    db.set_clock(timedelta(minutes=-2))
    announce(db, "dead", deployment_id="blue")
    db.set_clock(timedelta(0))
    announce(db)
    heading, alive, dead = command("workers").splitlines()
    assert heading.split()[:3] == ["worker", "is", "deployment"]
    assert alive.split()[:3] == ["worker", "alive", "default"]
    assert dead.split()[:3] == ["dead", "dead", "blue"]
    assert "  2 min" in dead
    found = read_json(command, "workers", "--deployment", "blue")
    assert [worker["worker_id"] for worker in found] == ["dead"]


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (None, ""),
        (timedelta(seconds=-1), "0 s"),
        (timedelta(milliseconds=900), "0 s"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(days=2, hours=3, minutes=4), "2 d 3 h"),
        (timedelta(hours=1), "1 h"),
    ],
    ids=str,
)
def test_a_span_is_said_in_its_two_greatest_units(
    age: timedelta | None, words: str
) -> None:
    assert age_words(age) == words
