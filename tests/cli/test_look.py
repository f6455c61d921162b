"""What commands look like in a terminal, and that no name can draw there."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.command import run_command, run_python, wait_until
from tests.cli.screen import Screen, unstyled
from tests.support import WORKFLOW, Session, ulid
from workflow_pg.cli.look import ago, make_table

RED, GREEN, YELLOW = "\x1b[1;31m", "\x1b[32m", "\x1b[33m"
# Clears the screen, rings, turns the writing round, breaks the line, is markup.
HOSTILE = "[red]a\x1b[2J\x07\u202eb\nc[/red]"
HARMLESS = "[red]a[2Jb c[/red]"


def show(
    db: Session,
    tmp_path: Path,
    *arguments: str,
    width: int = 140,
    settings: dict[str, str] | None = None,
) -> str:
    """What a command writes in a terminal."""
    screen = Screen(
        *arguments, cwd=tmp_path, dsn=db.dsn, width=width, settings=settings
    )
    return screen.read_to_the_end()


def test_statuses_have_colours_and_times_are_relative(
    db: Session, tmp_path: Path
) -> None:
    for status in ("pending", "completed", "failed"):
        db.new_run(status)
    text = show(db, tmp_path, "runs", "list")
    assert f"{RED}failed" in text
    assert f"{GREEN}completed" in text
    assert f"{YELLOW}pending" in text
    heading, *lines = unstyled(text).splitlines()
    assert heading.split() == [
        *("run", "status", "workflow", "deployment", "created", "ended")
    ]
    assert len(lines) == 3
    assert all(line.rstrip().endswith((" ago", "now")) for line in lines)


@pytest.mark.parametrize(
    ("option", "settings"),
    [("--plain", {}), (None, {"NO_COLOR": "1"}), (None, {"TERM": "dumb"})],
)
def test_it_is_plain_where_that_is_wanted(
    option: str | None, settings: dict[str, str], db: Session, tmp_path: Path
) -> None:
    db.new_run("failed")
    words = ["runs", "list", *([option] if option else [])]
    piped = run_command("runs", "list", cwd=tmp_path, dsn=db.dsn).stdout
    assert show(db, tmp_path, *words, settings=settings) == piped
    assert "\x1b" not in piped


def test_it_is_plain_without_the_extra() -> None:
    code = (
        "import sys; sys.modules['rich'] = None; sys.stdout.isatty = lambda: True;"
        " from workflow_pg.cli.output import is_styled; print(is_styled())"
    )
    assert run_python("-c", code, cwd=Path.cwd()).stdout == "False\n"


def test_hostile_names_draw_nothing(db: Session, tmp_path: Path) -> None:
    run_id = db.new_run(payload=HOSTILE.encode())
    db.new_step(run_id, "step_1")
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t\u202eoken"})
    db.append(
        run_id,
        "run_failed",
        payload=HOSTILE.encode(),
        facts={"errorCode": "E\u202e[red]"},
    )
    # What no function would store.
    db.do("update workflow_pg.runs set workflow_name = %s", HOSTILE)
    db.do("update workflow_pg.steps set step_name = %s", HOSTILE)
    db.do(
        "update workflow_pg.events set facts = jsonb_build_object('x', %s::text)",
        HOSTILE,
    )
    for words in (
        ("runs", "list"),
        ("runs", "show", run_id),
        ("events", run_id),
        ("events", run_id, "--follow"),
    ):
        text = show(db, tmp_path, *words)
        assert HARMLESS in unstyled(text)
        assert not {"\x07", "\u202e"} & set(text)
        assert "\x1b[2J" not in text


def test_names_of_streams_and_refusals_draw_nothing(
    db: Session, tmp_path: Path
) -> None:
    run_id = db.new_run()
    db.call("write_stream", run_id=run_id, name="x", chunks=[b"x"])
    # What no function would store.
    db.do("update workflow_pg.streams set name = %s", HOSTILE)
    text = show(db, tmp_path, "streams", "list", run_id)
    assert HARMLESS in unstyled(text)
    assert not {"\x07", "\u202e"} & set(text)
    refused = run_command("runs", "show", "\x1b[2J\u202e", cwd=tmp_path, dsn=db.dsn)
    unknown = run_command("runs", "list", "\x1b[2J\u202e", cwd=tmp_path, dsn=db.dsn)
    for done in (refused, unknown):
        assert done.returncode == 2
        assert not {"\x1b", "\u202e"} & set(done.stderr)


def test_a_list_that_is_watched_changes_in_its_place(
    db: Session, tmp_path: Path
) -> None:
    run_id = db.new_run()
    screen = Screen("runs", "list", "--watch", cwd=tmp_path, dsn=db.dsn)
    wait_until(lambda: "running" in screen.read())
    db.append(run_id, "run_cancelled")
    wait_until(lambda: "cancelled" in screen.read())
    # The cursor goes up, over the lines of before.
    assert "\x1b[1A" in screen.text
    screen.process.send_signal(signal.SIGINT)
    assert unstyled(screen.read_to_the_end()).count(run_id) >= 2


def test_a_log_that_is_followed_says_below_what_the_run_waits_for(
    db: Session, tmp_path: Path
) -> None:
    run_id = db.new_run()
    screen = Screen("events", run_id, "--follow", cwd=tmp_path, dsn=db.dsn)
    wait_until(lambda: f"no live worker serves {WORKFLOW}" in screen.read())
    db.append(run_id, "run_completed", payload=b"1")
    text = unstyled(screen.read_to_the_end())
    lines = [line for line in text.splitlines() if "run_" in line]
    assert [line.split()[-1] for line in lines if "run_completed" in line]


def test_a_narrow_terminal_shortens_names_and_no_id() -> None:
    run_id = "wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    rows = [(run_id, "workflow//shop.orders.late//fulfil", "a b " * 20, 3)]
    headings = ("run", "workflow", "facts", "n")
    made = make_table(headings, rows, width=70)
    cells = [list(column.cells) for column in made.columns]
    shown = [str(column[0]) for column in cells]
    assert shown[0] == run_id
    assert shown[1].startswith("…")
    assert shown[1].endswith("//fulfil")
    assert shown[2].endswith("…")
    assert sum(column.width or 0 for column in made.columns) + 3 * 2 == 70
    # Nor where the id is not in the first column, and is wanted to be looked up.
    headings = ("token", "run", "message", "of")
    made = make_table(headings, [("t" * 20, run_id, "msg" * 12, "a b " * 20)], width=60)
    assert [column.width for column in made.columns] == [20, 31, 36, 8]
    headings = ("run", "workflow", "facts", "n")
    # Nothing is left to take.
    least = make_table(headings, rows, width=10)
    assert [column.width for column in least.columns] == [31, 8, 8, 1]


@pytest.mark.parametrize("width", [80, 60])
def test_a_narrow_terminal_cuts_no_id(width: int, db: Session, tmp_path: Path) -> None:
    run_id, step_id, hook_id = db.new_run(), f"step_{ulid()}", f"hook_{ulid()}"
    db.append(run_id, "hook_created", hook_id, facts={"token": "a-token-" * 4})
    db.new_step(run_id, step_id)
    (delivery,) = db.claim(limit=1)
    names = ("run_id", "message_id", "lease_token")
    told = {name: delivery[name] for name in names}
    db.call("bury_message", **told, error="why " * 20)

    def shown(*words: str) -> str:
        text = unstyled(show(db, tmp_path, *words, width=width))
        # Where the terminal ends a line goes on in the next one.
        return text.replace("\r", "").replace("\n", "")

    assert run_id in shown("runs", "list")
    assert step_id in shown("runs", "show", run_id)
    assert {run_id, delivery["message_id"]} <= set(shown("queue", "dead").split())
    for words in (("events", run_id), ("events", run_id, "--follow")):
        text = shown(*words)
        assert f" {step_id} " in text
        assert f" {hook_id} " in text


def test_hooks_are_listed_with_whole_ids(db: Session, tmp_path: Path) -> None:
    run_id, hook_id = db.new_run(), f"hook_{ulid()}"
    db.append(run_id, "hook_created", hook_id, facts={"token": "a-token-" * 4})
    text = unstyled(show(db, tmp_path, "hooks", "list", width=80))
    assert f"  {run_id}  {hook_id}  " in text


def test_a_time_is_told_in_its_two_greatest_units() -> None:
    now = datetime(2024, 5, 6, tzinfo=UTC)
    for seconds, words in (
        (0, "now"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (7199, "1 h 59 min ago"),
        (200_000, "2 d 7 h ago"),
        (-90, "in 1 min 30 s"),
    ):
        assert ago(now - timedelta(seconds=seconds), now) == words


def test_plain_output_loads_nothing_of_it(db: Session, tmp_path: Path) -> None:
    code = (
        "import sys; from workflow_pg.cli import main; main(['runs', 'list']);"
        " assert 'rich' not in sys.modules"
    )
    done = run_python("-c", code, cwd=tmp_path, dsn=db.dsn)
    assert (done.returncode, done.stdout) == (0, "no runs\n"), done.stderr
