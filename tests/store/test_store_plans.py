"""Many rows: how the statements that run all day are read. By plan and by rows read, never by the clock."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from store_builders import LEASE, NOW, connected, on, open_database
from store_places import PostgresPlaces

from cases.store import work
from cases.store.counting import counted
from cases.store.database import Database
from cases.store.messages import _FIND
from cases.store.queue import Question, _in_order
from cases.store.store import Store
from cases.store.views import conditions
from cases.vocabulary import View

WAITING = 50_000
CASES = 100_000
_WORDS = """
    SELECT 'case-' || md5(n::text) AS id, 'C-' || n AS reference, 3 AS version,
        (ARRAY['home', 'car'])[n % 2 + 1] AS journey,
        (ARRAY['general', 'travel', 'care'])[n % 3 + 1] AS line_of_business,
        (ARRAY['waiting_customer', 'with_expert', 'reopened'])[greatest(n % 10 - 6, 1)] AS open_status,
        n % 10 < 7 AS closed, n
    FROM generate_series(1, :cases) n
"""
_CASES = f"""
    INSERT INTO cases (id, reference, version, journey, line_of_business, status, waiting_on, because, shadow, sender,
        sender_name, subject, channel, opened_at, updated_at, closed_at, assignee, snoozed_until, audit_since, photos,
        danger, reopened, parked, imported, erased, urgency, pressing_at)
    SELECT id, reference, version, journey, line_of_business, CASE WHEN closed THEN 'closed' ELSE open_status END,
        CASE WHEN closed THEN 'nobody' WHEN open_status = 'waiting_customer' THEN 'customer' ELSE 'us' END, '', false,
        'c' || n || '@example.org', '', 'subject', 'email', :now, :now, CASE WHEN closed THEN :now END,
        CASE WHEN n / 10 % 3 = 0 THEN 'agent' || n / 100 % 50 END,
        CASE WHEN n % 97 = 0 THEN :now + interval '1 day' END, CASE WHEN n % 500 = 0 THEN :now END, 0,
        false, false, false, false, false, CASE WHEN n % 1000 = 8 THEN 0 ELSE 1 END,
        CASE WHEN n % 2 = 0 THEN timestamptz '9999-12-31 00:00+00' ELSE :now + n * interval '1 minute' END
    FROM ({_WORDS}) AS made
"""
_MESSAGES = """
    INSERT INTO messages (id, raw_digest, channel, caller, idempotency_key, owner, state, received_at)
    SELECT 'message-' || n, '', 'web', 'shop', 'key-' || n, '', 'accepted', :now FROM generate_series(1, :cases) n
"""


@pytest.fixture(scope="module")
def many(postgres: PostgresPlaces) -> Iterator[Database]:
    with postgres.copy() as url:
        with connected(url) as connection:
            for statement in (_CASES, _MESSAGES):
                connection.exec_driver_sql(*_named(statement, cases=CASES, now=NOW))
            fill_work(connection)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        engine.dispose()
        database = open_database(url)
        yield database
        database.close()


def _named(statement: str, **values: Any) -> tuple[str, dict[str, Any]]:
    statement = statement.replace("%", "%%").replace(":now", "%(now)s::timestamptz")
    return statement.replace(":cases", "%(cases)s::int"), values


def fill_work(connection: Any) -> None:
    """Two pieces in each stream, the second one blocked by the first; two stages; all due."""
    table = work._WORK
    due = [NOW - timedelta(hours=2) + timedelta(milliseconds=number // 10 * 100) for number in range(WAITING)]
    streams = WAITING // 2
    new = [{"stream": f"message-{n}", "kind": "message", "last_seq": 2, "chain": b""} for n in range(streams)]
    connection.execute(table.metadata.tables["streams"].insert(), new)
    connection.execute(
        table.insert(),
        [
            {
                "stream": f"message-{number % streams}",
                "seq": number // streams + 1,
                "stage": ("read", "tell")[number % 2],
                "due_at": due[number],
                "begun": True,
            }
            for number in range(WAITING)
        ],
    )


def analyzed(store: Store, statement: Any, values: dict[str, Any] | None = None) -> tuple[list[dict[str, Any]], int]:
    """Every step of the plan as it ran, and how many rows were read from tables and indexes."""
    if values is None:
        sql = str(statement.compile(store._connection, compile_kwargs={"literal_binds": True})).replace("%", "%%")
    else:
        compiled = statement.compile(store._connection)
        sql = str(compiled)
        values = {**{name: value for name, value in compiled.params.items() if value is not None}, **values}
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}"
    [[[found]]] = store._connection.exec_driver_sql(explain, values or {}).all()
    steps: list[dict[str, Any]] = []
    left = [found["Plan"]]
    while left:
        step = left.pop()
        steps.append(step)
        left += step.get("Plans", [])
    read = sum(
        (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"]
        for step in steps
        if "Scan" in step["Node Type"] and "Relation Name" in step
    )
    return steps, read


INDEXES = {
    View.MINE: "ix_cases_mine",
    View.UNASSIGNED: "ix_cases_waiting",
    View.US: "ix_cases_waiting",
    View.CUSTOMER: "ix_cases_waiting",
    View.DUE_TODAY: "ix_cases_all",
    View.SNOOZED: "ix_cases_snoozed",
    View.SECOND_LOOK: "ix_cases_status",
    View.AUDIT: "ix_cases_audit",
    View.ALL: "ix_cases_all",
}


@pytest.mark.drill
@pytest.mark.postgres
@pytest.mark.parametrize("lines", [None, ("general", "travel")], ids=["everything", "walled in"])
@pytest.mark.parametrize("view", INDEXES)
def test_a_page_of_a_hundred_thousand_cases_reads_little_more_than_it_shows(
    many: Database, view: View, lines: tuple[str, ...] | None
) -> None:
    asked = Question(view, "agent3", NOW, lines=lines)
    with many.reading(lines) as store:
        steps, read = analyzed(store, _in_order(view, conditions(asked), 51))

    assert INDEXES[view] in {step.get("Index Name") for step in steps}
    assert read <= CASES / 100  # a short list may be read whole and sorted


@pytest.mark.drill
@pytest.mark.postgres
@pytest.mark.parametrize("view", INDEXES)
def test_a_list_is_counted_to_ten_thousand_and_no_further(many: Database, view: View) -> None:
    with many.reading() as store:
        _, read = analyzed(store, select(counted(view, conditions(Question(view, "agent3", NOW)), in_order=False)))

    assert read <= 11_000


@pytest.mark.drill
@pytest.mark.postgres
def test_a_key_and_the_oldest_work_are_looked_up_in_their_indexes(many: Database) -> None:
    with many.reading() as store:
        find, read = analyzed(store, _FIND._statement("postgresql").params(caller="shop", key="key-77777"))
        assert (find[0]["Index Name"], read) == ("uq_messages_caller_idempotency_key", 1)
        _, read = analyzed(store, work._OLDEST_DUE.params(now=NOW))
        assert read == 1
        _, read = analyzed(store, work._OLDEST.params(now=NOW, stages=["read", "tell"], language=1))
        assert read <= 8


@pytest.mark.drill
@pytest.mark.postgres
def test_a_claim_among_fifty_thousand_rows_reads_a_window_of_them(many: Database) -> None:
    limit = 64
    values = {
        "of_stage": "read", "since": NOW - timedelta(hours=2), "most": limit, "now": NOW, "until": NOW + LEASE,
        "language": 1, "window": work._WINDOW * limit,
    }  # fmt: skip
    with many.writing() as store:
        with store._connection.begin_nested() as nothing_lasts:
            steps, read = analyzed(store, work._TAKE, values)
            nothing_lasts.rollback()
        claims = store.work.claim(["read", "tell"], limit=limit, now=NOW, lease=LEASE)

    assert "Seq Scan" not in {step["Node Type"] for step in steps}
    assert read <= work._WINDOW * limit * 8
    assert len(claims) == limit


@pytest.mark.drill
@on("sqlite")
def test_a_claim_among_fifty_thousand_rows_on_sqlite_takes_few_steps(url: str) -> None:
    """The number of instructions of its virtual machine, in thousands: a whole table would take hundreds."""
    with connected(url) as connection:
        fill_work(connection)
    database = open_database(url)
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with database.writing() as store:
        driver: Any = store._connection.connection.dbapi_connection
        driver.set_progress_handler(count, 1000)
        claims = store.work.claim(["read", "tell"], limit=64, now=NOW, lease=LEASE)
        driver.set_progress_handler(None, 0)
    database.close()

    assert len(claims) == 64
    assert steps < 150
