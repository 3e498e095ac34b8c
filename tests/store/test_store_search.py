"""Finding cases by their words: the same answers on both databases, and on a SQLite that has no index of words."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text
from store_builders import (
    CUSTOMER,
    HANDLER,
    MACHINE,
    NOW,
    connected,
    on,
    open_database,
    plan_of,
    run,
    said,
    understood,
)

from cases.case import Case, Entry, fold
from cases.errors import StreamMoved
from cases.events import CaseImported, CaseOpened, FactStated, FileSeen, MessageAdded, Understood, Written
from cases.facts import Fact, MessageSpan
from cases.store.database import Database
from cases.store.log import Append
from cases.store.plain_sqlite import holds
from cases.store.queue import BadCursor
from cases.store.rows import CaseRow
from cases.store.search import Within, in_order
from cases.store.search_terms import LONGEST, MOST_WORDS, terms_of, words_of
from cases.vocabulary import Actor, FileKind, FileStatus, Scope, View


def add(database: Database, number: int, *events: tuple[Written, Actor], name: str = "Iris de Boer") -> None:
    opened = CaseOpened(f"C-2026-{number:06d}", f"message-{number}", "email", f"c{number}@example.org", name)
    with database.writing() as store:
        store.append(f"case-{number}", [(opened, MACHINE), *events], at=NOW)


def fact(name: str, value: str) -> tuple[Written, Actor]:
    return FactStated(Fact(name, value, 1.0, (MessageSpan("message-1", 0, 1),)), "hanna"), HANDLER


def of_line(line: str) -> tuple[Written, Actor]:
    read = Understood(
        "message-1", "nl", "home", "d" * 64, "leak", 0.9, Scope.IN, 0.5, "text", "1", line_of_business=line
    )
    return read, MACHINE


def found(database: Database, q: str, view: View = View.ALL, **asked: object) -> list[str]:
    with database.reading() as store:
        page = store.queue.page(view, who="hanna", now=NOW, q=q, **asked)  # type: ignore[arg-type]
        assert page.next is not None or page.total.value == len(page.items)
        return [line.id for line in page.items]


@pytest.fixture
def filled(database: Database) -> Database:
    add(database, 1, said("Er lekt water uit de leiding", "Lekkage in de keuken"), name="Zoë van Dijk")
    add(database, 2, said("Ruit gebarsten", "Schade"), fact("plate", "12-AB-34"), fact("policy", "POL-77 88.99"))
    letter = FileSeen("file-1", "offerte.pdf", "f" * 64, 9, "application/pdf", FileKind.DOCUMENT, FileStatus.RECEIVED,
                      text="Loodgieter Kwakkel rekent 310 euro")  # fmt: skip
    message = MessageAdded(
        "message-3", "email", "c3@example.org", "", "zie bijlage over de lekkage", NOW, files=(letter,)
    )
    add(database, 3, (message, CUSTOMER))
    return database


@pytest.mark.parametrize(
    ("q", "cases"),
    [
        ("lekkage", ["case-3", "case-1"]),
        ("LEKK", ["case-3", "case-1"]),
        ("water keuk", ["case-1"]),
        ("water ruit", []),
        ("zoe", ["case-1"]),
        ("Zoë", ["case-1"]),
        ("de", ["case-3", "case-2", "case-1"]),
        ("wa", []),
        ("c2@example.org", ["case-2"]),
        ("example.org", ["case-3", "case-2", "case-1"]),
        ("12-AB-34", ["case-2"]),
        ("12ab34", ["case-2"]),
        ("12 ab 34", ["case-2"]),
        ("ab-34", ["case-2"]),
        ("pol778899", ["case-2"]),
        ("000002", ["case-2"]),
        ("2026-000003", ["case-3"]),
        ("003", ["case-3"]),
        ("kwakkel", ["case-3"]),
        ("offerte", ["case-3"]),
    ],
)
def test_a_case_is_found_by_what_was_said_named_and_attached(filled: Database, q: str, cases: list[str]) -> None:
    assert found(filled, q) == cases


@pytest.mark.parametrize(
    "q",
    [
        "06 12345678", "06-12 34 56 78", "+31612345678", "+31 (0)6 1234 5678", "0031 6 1234 5678", "0031612345678",
        "06 12345678 lekt",
    ],
)  # fmt: skip
def test_a_telephone_number_is_found_however_it_was_written_and_is_asked_for(database: Database, q: str) -> None:
    for number, words in enumerate(
        ("Het lekt. Bel 0612345678", "Het lekt. Bel 06-12345678, na 10.30 uur", "Lekt! T: +31 6 12 34 56 78 10 mei"), 1
    ):
        add(database, number, said(words))
    add(database, 4, said("Het lekt. Bel 06 12345679"))

    assert found(database, q) == ["case-3", "case-2", "case-1"]


def test_the_beginning_of_a_telephone_number_finds_it_as_before(database: Database) -> None:
    add(database, 1, said("Bel 0612345678"))

    assert found(database, "06123456") == ["case-1"]
    assert found(database, "061234567") == ["case-1"]


def test_the_reference_that_was_asked_for_comes_first_then_the_newest(filled: Database) -> None:
    for number in (10, 11):
        add(filled, number, said("Gaat over C-2026-000001"))

    assert found(filled, "c-2026-000001") == ["case-1", "case-11", "case-10"]
    assert found(filled, " C-2026-000001 ", limit=1) == ["case-1"]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_turning_pages_shows_every_case_once_while_new_ones_arrive(filled: Database, limit: int) -> None:
    for number in range(10, 16):
        add(filled, number, said("over C-2026-000001"))
    whole = found(filled, "C-2026-000001")
    turned: list[str] = []
    cursor = None
    while True:
        with filled.reading() as store:
            page = store.queue.page(View.ALL, who="hanna", now=NOW, q="C-2026-000001", cursor=cursor, limit=limit)
        turned += [line.id for line in page.items]
        cursor = page.next
        if len(turned) > 1:
            add(filled, 100 + len(turned), said("ook over C-2026-000001"))
        if cursor is None:
            break

    assert turned == whole == ["case-1", *(f"case-{number}" for number in range(15, 9, -1))]


def test_cases_of_other_lines_are_neither_found_nor_counted_even_by_their_reference(filled: Database) -> None:
    add(filled, 4, said("lekkage op reis"), of_line("travel"))

    for q in ("lekkage", "C-2026-000004"):
        with filled.reading() as store:
            page = store.queue.page(View.ALL, who="hanna", now=NOW, q=q, lines=["general"])
        assert "case-4" not in [line.id for line in page.items]
        assert page.total.value == len(page.items)
    assert found(filled, "lekkage", lines=["travel"]) == ["case-4"]
    assert found(filled, "lekkage", lines=[]) == []


@on("postgresql")
def test_the_wall_of_the_database_holds_for_a_search_that_forgot_the_lines(filled: Database) -> None:
    add(filled, 4, said("lekkage op reis"), of_line("travel"))

    with filled.reading(lines=["general"]) as store:
        page = store.queue.page(View.ALL, who="hanna", now=NOW, q="lekkage")

    assert ([line.id for line in page.items], page.total.value) == (["case-3", "case-1"], 2)


@pytest.mark.parametrize("q", ["lekkage", "lekk", "water keuk", "water ruit", "de", "000002", "12ab34"])
def test_words_of_few_cases_and_of_many_are_looked_for_in_another_way_and_found_alike(filled: Database, q: str) -> None:
    with filled.reading() as store:
        few, many = (
            store._connection.execute(
                in_order(terms_of(q), Within.ALL, columns=(CaseRow.id,), conditions=(), after=None, gathered=gathered)
            ).all()
            for gathered in (True, False)
        )

    assert few == many
    assert [row.id for row in few] == found(filled, q)


@on("sqlite")
def test_few_cases_are_read_by_the_index_of_their_words_and_no_others(filled: Database) -> None:
    looked_for = in_order(
        terms_of("lekkage"), Within.ALL, columns=(CaseRow.id,), conditions=(), after=None, gathered=True
    )

    with filled.reading() as store:
        plan = plan_of(store, looked_for)

    scanned = {line.split()[1] for line in plan if line.startswith("SCAN")}
    assert scanned == {"few", "search_words"}, plan


def test_other_cases_of_a_customer_are_found_by_the_address_that_they_wrote_from(database: Database) -> None:
    for number in (1, 2, 3):
        add(database, number, said("Mail naar iris@example.org"))
    for number, address in ((4, "Iris@Example.org"), (5, "iris@example.org"), (6, "ms-iris@example.org"), (7, "")):
        opened = CaseOpened(f"C-2026-{number:06d}", f"message-{number}", "email", address, "")
        with database.writing() as store:
            store.append(f"case-{number}", [(opened, MACHINE)], at=NOW)

    with database.reading() as store:
        others = store.queue.others_of_sender("iris@example.org", besides="case-5")
        assert [line.id for line in others] == ["case-4"]
        assert store.queue.others_of_sender("", besides="case-5") == []


@on("sqlite")
def test_other_cases_of_a_customer_are_found_without_reading_all_cases(filled: Database) -> None:
    asked: list[tuple[str, Any]] = []

    def keep(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", keep)
    with filled.reading() as store:
        store.queue.others_of_sender("c1@example.org", besides="case-2")
        event.remove(Engine, "before_cursor_execute", keep)
        plans = [
            store._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            for statement, values in asked
            if statement.startswith(("SELECT", "WITH"))
        ]

    steps = [step.detail for plan in plans for step in plan]
    assert any("search_words" in step for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN cases")], steps


def test_a_search_stays_within_its_view(filled: Database) -> None:
    add(filled, 5, said("lekkage"), understood())

    assert found(filled, "lekkage", View.MINE) == []
    assert found(filled, "lekkage", View.ALL, journey="home") == ["case-5"]


def test_who_may_not_see_customers_finds_references_only(filled: Database) -> None:
    assert found(filled, "zoe", within=Within.REFERENCES) == []
    assert found(filled, "lekkage", within=Within.REFERENCES) == []
    assert found(filled, "2026-000001", within=Within.REFERENCES) == ["case-1"]
    assert found(filled, "C-2026-000001", within=Within.REFERENCES) == ["case-1"]


def test_what_is_said_later_and_corrected_facts_are_found_at_once(filled: Database) -> None:
    with filled.writing() as store:
        store.append("case-1", [said("Nu ook in de badkamer")], at=NOW)
        store.append("case-1", [understood("950.00")], at=NOW)
    assert found(filled, "badkamer keuken") == found(filled, "950") == ["case-1"]

    with filled.writing() as store:
        store.append("case-1", [understood("120.50")], at=NOW)
    assert found(filled, "950") == []


def test_nothing_of_a_write_that_was_undone_is_found(filled: Database) -> None:
    with pytest.raises(StreamMoved), filled.writing() as store:
        store.append_many([Append("case-1", [said("badkamer")], NOW), Append("case-2", [said()], NOW, expected=1)])

    assert found(filled, "badkamer") == []


def test_an_imported_case_is_found_by_its_text_and_facts(database: Database) -> None:
    imported = CaseImported(
        "H-1",
        "home",
        NOW,
        NOW,
        "Schoorsteenbrand",
        "pay",
        "lena",
        False,
        "oud@example.org",
        facts=(("iban", "NL91 ABNA"),),
    )
    with database.writing() as store:
        store.append("case-1", [(imported, MACHINE)], at=NOW)

    for q in ("schoorsteen", "nl91abna", "oud@example.org", "h-1"):
        assert found(database, q) == ["case-1"]


@pytest.mark.parametrize(
    "q",
    [
        "%",
        "_",
        "'",
        '"',
        "*",
        "' OR 1=1 --",
        "lekkage OR ruit",
        "NOT lekkage",
        "x:y",
        "(",
        "lek* -water",
        "\x00",
        "\ud800",
    ],
)
def test_signs_and_words_of_query_languages_are_what_they_are(filled: Database, q: str) -> None:
    assert found(filled, q) in ([], ["case-1"], ["case-3", "case-1"])
    assert found(filled, "lekkage OR ruit") == found(filled, "NOT lekkage") == []


HOSTILE = st.text(max_size=100) | st.text("ab'\"*:&|!()<->\\^~ NEAROT\x00%_", max_size=100)
BOTH = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@given(q=HOSTILE)
@BOTH
def test_no_question_breaks_a_search(database: Database, q: str) -> None:
    found(database, q)
    found(database, q, within=Within.REFERENCES)


@given(said_=st.text(min_size=1, max_size=60))
@example(said_="https://example.org/a/b/c/d/e/f/g/h")
@settings(BOTH, max_examples=30)
def test_every_word_of_a_message_finds_its_case(database: Database, said_: str) -> None:
    entries = [Entry(1, NOW, CUSTOMER, MessageAdded("m", "email", "", "", said_, NOW))]

    words = words_of(fold("case-1", entries))

    kept = " ".join(words)
    for term in terms_of(said_):
        asked = f'"{term.word}"' + ("*" if term.beginning else "")
        assert holds(kept, asked)
    with database.writing() as store:
        store.search.put({"case-x": words or ["nothing"]})
        store.search.forget("case-x")


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", "WyJ4Il0", "WzEsMl0", "WzFlOTk5XQ", "W251bGxd"])
def test_a_foreign_cursor_is_refused_with_the_way_out(database: Database, cursor: str) -> None:
    with pytest.raises(BadCursor, match="leave it out"), database.reading() as store:
        store.queue.page(View.ALL, who="hanna", now=NOW, q="water", cursor=cursor)


def test_a_flood_of_words_is_cut_off_and_still_found_by_the_first(database: Database) -> None:
    add(database, 1, said(" ".join(f"{number}𝒻{'ẅ' * LONGEST}" for number in range(MOST_WORDS + 500)), "Vooraan"))

    assert found(database, "vooraan") == ["case-1"]


# --- filling in and building anew -----------------------------------------------------------------------------------


@pytest.fixture
def emptied(filled: Database, url: str) -> Database:
    run(url, "DELETE FROM search")
    return filled


def test_cases_that_are_not_in_the_index_yet_are_filled_in_behind_the_newer_ones(emptied: Database) -> None:
    add(emptied, 9, said("lekkage"))
    with emptied.reading() as store:
        missing = store.search.missing()
        cases = store.cases(missing)
    assert set(missing) == {"case-1", "case-2", "case-3"}

    for case_id in ("case-3", "case-2", "case-1"):
        with emptied.writing() as store:
            store.search.fill({case_id: words_of(cases[case_id])})

    assert found(emptied, "lekkage") == ["case-9", "case-3", "case-1"]
    with emptied.reading() as store:
        assert store.search.missing() == []


def test_filling_in_leaves_words_alone_that_were_written_meanwhile(filled: Database) -> None:
    with filled.writing() as store:
        store.search.fill({"case-1": ["older"]})

    assert found(filled, "older") == []
    assert found(filled, "lekkage water") == ["case-1"]


# --- erasing --------------------------------------------------------------------------------------------------------


def test_an_erased_case_is_not_found_by_anything(filled: Database) -> None:
    with filled.writing() as store:
        store.erase_case("case-1", by="hanna", why="asked for it", at=NOW)

    for q in ("zoe", "water", "lekkage in", "c1@example.org"):
        assert "case-1" not in found(filled, q)
    with filled.reading() as store:
        assert store.search.missing() == []


@on("sqlite")
def test_no_word_of_an_erased_case_is_left_in_the_index(filled: Database, url: str) -> None:
    with filled.writing() as store:
        store.erase_case("case-1", by="hanna", why="asked for it", at=NOW + timedelta(hours=1))
    assert filled.scrub()

    with connected(url) as connection:
        connection.execute(text("CREATE VIRTUAL TABLE temp.seen USING fts5vocab(main, search_words, row)"))
        terms = set(connection.execute(text("SELECT term FROM temp.seen")).scalars())
        parts = connection.execute(text("SELECT block FROM search_words_data")).scalars().all()
    assert {"lekkage", "kwakkel"} <= terms
    assert not {"zoe", "water", "leiding", "c1exampleorg"} & terms
    assert not any(b"leiding" in part or b"eiding" in part for part in parts)


# --- a SQLite without FTS5 ------------------------------------------------------------------------------------------


@pytest.fixture
def plain(tmp_path: object, url: str, backend: str) -> Iterator[Database]:
    assert backend == "sqlite", 'a test about FTS5 is marked on("sqlite")'
    database = open_database(url.replace("sqlite:", "sqlite+plain:"))
    database.migrate()
    yield database
    database.close()


@on("sqlite")
def test_without_fts5_the_answers_are_the_same(plain: Database) -> None:
    add(plain, 1, said("Er lekt water", "Lekkage"))
    add(plain, 2, said("Ruit", "Schade"), fact("plate", "12-AB-34"))

    assert found(plain, "lekk") == ["case-1"]
    assert found(plain, "12ab") == ["case-2"]
    assert found(plain, "lek water") == ["case-1"]
    assert found(plain, "le") == []
    assert plain.scrub()


@on("sqlite")
def test_an_index_that_was_not_kept_up_is_built_anew_where_there_is_fts5_again(plain: Database, url: str) -> None:
    add(plain, 1, said("Er lekt water"))
    again = open_database(url)
    again.migrate()

    assert found(again, "lekt") == ["case-1"]
    add(again, 2, said("Er lekt nog meer"))
    assert found(again, "lekt") == ["case-2", "case-1"]
    again.close()


def test_an_unread_case_has_no_words() -> None:
    assert words_of(Case("case-1")) == []
