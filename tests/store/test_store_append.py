from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy.exc import DBAPIError
from store_builders import HANDLER, MACHINE, NOW, decided, opened, said, understood

from cases.case import fold
from cases.errors import NotAllowed, NotFound, StreamMoved
from cases.events import CaseClosed, HumanDecided, JourneyLoaded, NoteAdded
from cases.store.columns import NaiveMoment
from cases.store.database import Database, Keys
from cases.store.log import Append
from cases.vocabulary import SYSTEM, Actor, Status


def test_an_event_is_read_back_as_it_was_written(database: Database) -> None:
    with database.writing() as store:
        written = store.append("case-1", [opened(), said(), understood()], at=NOW)

    with database.reading() as store:
        assert store.history("case-1") == written
    assert [entry.seq for entry in written] == [1, 2, 3]


def test_work_is_written_with_its_event_and_timers_wait_for_their_time(database: Database) -> None:
    with database.writing() as store:
        store.append("case-1", [opened(), said(), understood()], at=NOW)

    with database.reading() as store:
        work = [(w.seq, w.stage, w.due_at) for w in store.work.waiting("case-1")]
    assert work == [(2, "classify", NOW), (3, "decide", NOW), (3, "remind", NOW + timedelta(days=3))]


def test_a_refused_event_leaves_nothing_of_its_transaction(database: Database) -> None:
    with pytest.raises(NotAllowed), database.writing() as store:
        store.append("case-1", [opened(), said(), (CaseClosed("pay"), MACHINE)], at=NOW)

    with database.reading() as store:
        assert store.history("case-1") == []
        assert store.work.waiting() == []
        with pytest.raises(NotFound):
            store.case_id("C-2026-000001")


def test_every_event_of_a_batch_is_checked_on_the_case_as_the_one_before_left_it(database: Database) -> None:
    decision = (HumanDecided("pay", "hanna", "covered"), HANDLER)
    closing = (CaseClosed("pay"), HANDLER)

    with database.writing() as store:
        store.append("case-1", [opened(), said(), understood(), decided(), decision, closing], at=NOW)

    with database.reading() as store:
        assert store.case("case-1").status is Status.CLOSED


def test_a_stream_that_moved_since_it_was_read_takes_nothing(database: Database) -> None:
    with database.writing() as store:
        store.append("case-1", [opened(), said()], at=NOW)

    with pytest.raises(StreamMoved), database.writing() as store:
        store.append("case-1", [understood()], at=NOW, expected=1)
    with database.writing() as store:
        store.append("case-1", [understood()], at=NOW, expected=2)

    with database.reading() as store:
        assert store.case("case-1").version == 3


def test_a_case_read_earlier_is_taken_as_what_the_writer_expects(database: Database) -> None:
    with database.writing() as store:
        first = store.append_many([Append("case-1", [opened(), said()], NOW)])[0]
    with database.writing() as store:
        second = store.append_many([Append("case-1", [understood()], NOW, case=first.case)])[0]

    assert second.case is not None
    assert second.case.version == 3
    with pytest.raises(StreamMoved), database.writing() as store:
        store.append_many([Append("case-1", [decided()], NOW, case=first.case)])


def test_many_streams_are_written_at_once_in_the_order_given(database: Database) -> None:
    appends = [
        Append("case-2", [opened("C-2"), said()], NOW),
        Append("journeys", [(JourneyLoaded("home", "d", {"title": "Thuis"}), SYSTEM)], NOW),
        Append("case-1", [opened("C-1")], NOW),
        Append("case-2", [understood()], NOW),
    ]

    with database.writing() as store:
        added = store.append_many(appends)

    with database.reading() as store:
        assert [len(one.entries) for one in added] == [2, 1, 1, 1]
        assert added[3].entries[0].seq == 3
        assert store.histories(["case-1", "case-2", "case-3"]).keys() == {"case-1", "case-2", "case-3"}
        assert store.cases(["case-1", "case-2", "case-3"]).keys() == {"case-1", "case-2"}
        assert store.verify_all() == []


def test_the_row_of_a_case_says_what_its_events_say(database: Database) -> None:
    update_by = NOW + timedelta(days=2)
    with database.writing() as store:
        store.append("case-1", [opened(), said(), understood("99.95"), decided(update_by=update_by)], at=NOW)

    with database.reading() as store:
        line = store.queue.line("C-2026-000001")
        assert store.case_id("C-2026-000001") == "case-1"
    assert line is not None
    assert (line.status, line.waiting_on, line.step) == ("with_expert", "us", "expert")
    assert (line.topic, line.confidence, line.amount) == ("leak", 0.93, Decimal("99.95"))
    assert (line.sender, line.subject, line.update_by) == ("iris@example.org", "Lekkage", update_by)
    assert line.line_of_business == "general"


@pytest.mark.parametrize("amount", ["about 20", "NaN", "1e40", ""])
def test_an_amount_that_is_no_sum_of_money_leaves_the_column_empty(database: Database, amount: str) -> None:
    with database.writing() as store:
        store.append("case-1", [opened(), said(), understood(amount)], at=NOW)

    with database.reading() as store:
        line = store.queue.line("C-2026-000001")
        assert line is not None
        assert line.amount is None


def test_a_moment_without_a_zone_is_refused_and_another_zone_is_the_same_instant(database: Database) -> None:
    with pytest.raises(NaiveMoment, match="time zone"), database.writing() as store:
        store.append("case-1", [opened()], at=datetime(2026, 1, 1))  # noqa: DTZ001  # naive on purpose

    in_amsterdam = NOW.astimezone(timezone(timedelta(hours=1)))
    with database.writing() as store:
        entry = store.append("case-1", [opened()], at=in_amsterdam)[0]
    with database.reading() as store:
        assert store.history("case-1")[0].at == entry.at == NOW


def test_a_new_stream_that_is_there_already_has_moved(database: Database) -> None:
    with database.writing() as store:
        store.append_many([Append("case-1", [opened()], NOW, expected=0)])

    with pytest.raises(StreamMoved, match="case-1"), database.writing() as store:
        store.append_many([Append("case-1", [opened()], NOW, expected=0)])

    with database.reading() as store:
        assert [entry.seq for entry in store.history("case-1")] == [1]


def test_references_count_up_within_their_year(database: Database) -> None:
    with database.writing() as store:
        given = [store.open_reference(2026), store.open_reference(2026), store.open_reference(2027)]

    assert given == ["C-2026-000001", "C-2026-000002", "C-2027-000001"]


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"), database.reading() as store:
        store.append("case-1", [opened()], at=NOW)

    with database.writing() as store:
        store.append("case-1", [opened()], at=NOW)


def test_a_reader_sees_one_picture_while_others_write(database: Database) -> None:
    with database.writing() as store:
        store.append("case-1", [opened()], at=NOW)

    with database.reading() as reader:
        before = reader.history("case-1")
        with database.writing() as store:
            store.append("case-1", [said()], at=NOW)
        assert reader.history("case-1") == before


def test_the_case_after_appending_is_the_case_read_back(database: Database) -> None:
    with database.writing() as store:
        added = store.append_many([Append("case-1", [opened(), said(), understood(), decided()], NOW)])[0]

    with database.reading() as store:
        assert store.case("case-1") == added.case == fold("case-1", added.entries)


def test_short_secrets_are_refused_and_keys_differ_by_use() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        Keys.from_secret(b"x" * 31)

    keys = Keys.from_secret(b"x" * 32)
    every = [keys.chain, keys.link, keys.reserve, keys.reply, keys.session]
    assert len(set(every)) == 5
    assert Keys.from_secret(b"x" * 32) == keys
    assert repr(keys) == "Keys()"


def test_notes_follow_no_work(database: Database) -> None:
    note = NoteAdded("called back", "hanna")
    with database.writing() as store:
        store.append("case-1", [opened(), (note, HANDLER)], at=NOW)

    with database.reading() as store:
        assert store.work.waiting() == []
        assert store.history("case-1")[1].actor == Actor("person", "hanna")
