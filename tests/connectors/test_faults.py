"""What cannot be read is told of, however many requests meet it, once a minute for each column."""

from structlog.testing import capture_logs

from connectors.faults import Fault, FaultyRows, Told, faultless, log_faults, without_faults

BORN = Fault("population", "citizen", "birth_date")
ROWS = FaultyRows([("c1", BORN), ("c2", BORN), ("c3", None)])
WHERE = {"register": "population", "record": "citizen", "column": "birth_date", "log_level": "error"}


def test_a_fact_that_many_requests_cannot_read_is_one_alarm() -> None:
    with capture_logs() as logs:
        for _ in range(50):
            assert faultless(ROWS) == [("c3", None)]
            assert without_faults(ROWS) == [("c1", None), ("c2", None), ("c3", None)]
    assert logs == [{"event": "facts cannot be read", "alarm": True, "values": 2, **WHERE}]


def test_a_value_is_logged_once_and_as_a_key_once_more() -> None:
    with capture_logs() as logs:
        for _ in range(50):
            log_faults(ROWS, "population", "citizen")
            log_faults(ROWS, "population", "citizen", {"birth_date"})
    assert logs == [
        {"event": "faulty values", "alarm": False, "values": 2, **WHERE},
        {"event": "faulty values", "alarm": True, "values": 2, **WHERE},
    ]


def test_every_column_is_told_of() -> None:
    sex = Fault("population", "citizen", "sex")
    with capture_logs() as logs:
        faultless(ROWS)
        without_faults(FaultyRows([("c1", BORN, sex)]))
    assert [(entry["column"], entry["values"]) for entry in logs] == [("birth_date", 2), ("sex", 1)]


def test_after_a_minute_it_is_told_again_with_what_came_meanwhile() -> None:
    now = 0.0
    told = Told(now=lambda: now)
    due = []
    for _ in range(14):
        due.append(told.due("birth_date", 3))
        now += 10
    assert due == [3, 0, 0, 0, 0, 0, 18, 0, 0, 0, 0, 0, 18, 0]


def test_what_was_told_is_remembered_of_so_many_columns() -> None:
    told = Told(now=lambda: 0.0, kept=2)
    assert [told.due(column, 1) for column in "abab"] == [1, 1, 0, 0]
    assert [told.due(column, 1) for column in "cbac"] == [1, 0, 1, 0]
    assert len(told._known) == 2
