"""Random programs of legal and illegal calls do what the model says."""

from __future__ import annotations

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.machine.fold import assert_sound
from tests.machine.model import Append, Model
from tests.support import EVENTS, Session, new_run_id

_RUNS = 3
_ENDS = ("run_completed", "run_failed", "run_cancelled")
# Runs live longer when their ends are rare.
_WEIGHTED = [event for event in EVENTS if event not in _ENDS] * 4 + list(_ENDS)

_appends = st.builds(
    Append,
    run=st.integers(0, _RUNS - 1),
    event=st.sampled_from(_WEIGHTED),
    entity=st.integers(0, 1),
    token=st.integers(0, 1),
    is_early=st.booleans(),
    has_input=st.just(value=False),
)
_resilient_starts = st.builds(
    Append,
    run=st.integers(0, _RUNS - 1),
    event=st.just("run_started"),
    has_input=st.just(value=True),
)


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    program=st.lists(_appends | _appends | _resilient_starts, min_size=5, max_size=40)
)
def test_programs_do_what_the_model_says(db: Session, program: list[Append]) -> None:
    model = Model()
    ids = [new_run_id() for _ in range(_RUNS)]

    with db.conn.transaction(force_rollback=True):
        for call in program:
            assert _outcome(db, ids[call.run], call) == model.append(call)

        for run, log in model.logs.items():
            assert db.types(ids[run]) == [event["event_type"] for event in log]
            if log:
                assert_sound(db, ids[run])
        assert db.call("unwakeable_runs") == []


def _outcome(db: Session, run_id: str, call: Append) -> str:
    try:
        with db.conn.transaction():
            reply = db.append(run_id, call.event, call.correlation_id, **call.options())
    except psycopg.Error as error:
        return str(error.sqlstate)
    return reply["event_type"] if reply["seq"] is not None else "-"
