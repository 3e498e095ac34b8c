"""Who is at a case, who works on it, what they typed and which lists they saved: on every database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from store_builders import NOW, opened

from cases.errors import NotAllowed, NotFound
from cases.store.database import Database
from cases.store.desk import HOLD, PRESENT, TYPING, held_by_others
from cases.store.people import User
from cases.store.rows import CaseRow
from cases.store.saved_views import MOST, SavedView
from cases.store.side_rows import UserRow
from cases.vocabulary import Role

SECOND = timedelta(seconds=1)
REFERENCE = "C-2026-000001"


@pytest.fixture
def desk(database: Database) -> Database:
    with database.writing() as store:
        store.append("case-1", [opened()], at=NOW)
        store.append("case-2", [opened("C-2026-000002", "joe@example.org")], at=NOW + SECOND)
        for name, line in (("noor", "motor"), ("anouk", "motor"), ("sam", "housing")):
            store.people.add_user(name, (Role.HANDLER,), "no password fits", at=NOW, lines=(line,))
    return database


def test_who_told_lately_is_there_and_who_did_not_is_gone(desk: Database) -> None:
    with desk.writing() as store:
        store.desk.enter("case-1", "noor", now=NOW)
        store.desk.enter("case-1", "anouk", now=NOW, typing=True)

    with desk.reading() as store:
        there = [(one.reference, one.person, one.typing) for one in store.desk.present(NOW + SECOND)]
        assert there == [(REFERENCE, "anouk", True), (REFERENCE, "noor", False)]
        assert [one.typing for one in store.desk.present(NOW + TYPING)] == [False, False]
        assert store.desk.present(NOW + PRESENT) == []
        assert store.desk.present(NOW, ["C-2026-000002"]) == []


def test_who_leaves_is_gone_at_once_and_works_on_it_no_more(desk: Database) -> None:
    with desk.writing() as store:
        store.desk.enter("case-1", "noor", now=NOW, typing=True)
        store.desk.hold("case-1", "noor", now=NOW)

        store.desk.leave("case-1", "noor")

        assert store.desk.present(NOW) == []
        assert store.desk.holds(NOW) == []


def test_the_first_works_on_a_case_until_two_minutes_after_the_last_key(desk: Database) -> None:
    with desk.writing() as store:
        assert store.desk.hold("case-1", "noor", now=NOW)
        assert not store.desk.hold("case-1", "anouk", now=NOW + SECOND)
        assert store.desk.hold("case-1", "noor", now=NOW + HOLD - SECOND)
        [held] = store.desk.holds(NOW + HOLD)
        assert (held.holder, held.since) == ("noor", NOW)

        assert store.desk.holds(NOW + 2 * HOLD) == []
        assert store.desk.hold("case-1", "anouk", now=NOW + 2 * HOLD)
        assert store.desk.holds(NOW + 2 * HOLD)[0].since == NOW + 2 * HOLD


def test_taking_over_ends_the_work_of_the_other(desk: Database) -> None:
    with desk.writing() as store:
        store.desk.hold("case-1", "noor", now=NOW)

        store.desk.take_over("case-1", "anouk", now=NOW + SECOND)

        assert not store.desk.hold("case-1", "noor", now=NOW + 2 * SECOND)
        store.desk.release("case-1", "noor")
        assert [(one.holder, one.since) for one in store.desk.holds(NOW + SECOND)] == [("anouk", NOW + SECOND)]


def test_of_two_who_begin_at_once_one_works_on_it(desk: Database) -> None:
    def begin(person: str) -> bool:
        with desk.writing() as store:
            return store.desk.hold("case-1", person, now=NOW)

    for _ in range(5):
        with ThreadPoolExecutor(3) as pool:
            begun = list(pool.map(begin, ("noor", "anouk", "sam")))
        with desk.writing() as store:
            [held] = store.desk.holds(NOW)
            store.desk.release("case-1", held.holder)

        assert sorted(begun) == [False, False, True]


def test_cases_that_others_work_on_can_be_left_out_of_a_question(desk: Database) -> None:
    with desk.writing() as store:
        store.desk.hold("case-1", "noor", now=NOW)
        free = select(CaseRow.id).order_by(CaseRow.id)

        for_anouk = store._connection.execute(free.where(~held_by_others("anouk", NOW))).scalars().all()
        for_noor = store._connection.execute(free.where(~held_by_others("noor", NOW))).scalars().all()

    assert for_anouk == ["case-2"]
    assert for_noor == ["case-1", "case-2"]


def test_what_changed_is_told_oldest_first_and_up_to_a_number(desk: Database) -> None:
    with desk.reading() as store:
        assert [one.case_id for one in store.desk.changed(NOW - SECOND, most=10)] == ["case-1", "case-2"]
        assert [one.case_id for one in store.desk.changed(NOW, most=10)] == ["case-2"]
        assert [one.version for one in store.desk.changed(NOW - SECOND, most=1)] == [1]


def test_the_newest_words_of_a_form_are_kept_for_each_person(desk: Database) -> None:
    with desk.writing() as store:
        for text in ("Dear", "Dear Iris \x00 'x' ☃"):
            assert store.drafts.keep("case-1", "noor", "reply", {"text": text}, at=NOW, opened_at=NOW)
        store.drafts.keep("case-1", "noor", "decide", {"choice": "pay"}, at=NOW, opened_at=NOW)
        store.drafts.keep("case-1", "anouk", "reply", {"text": "Hello"}, at=NOW, opened_at=NOW)

    with desk.reading() as store:
        kept = store.drafts.of("case-1", "noor")
        assert [(one.form, dict(one.fields)) for one in kept] == [
            ("decide", {"choice": "pay"}),
            ("reply", {"text": "Dear Iris \x00 'x' ☃"}),
        ]
        assert store.drafts.of("case-2", "noor") == []


def test_what_comes_after_sending_is_not_kept_again_but_a_new_page_may_begin_anew(desk: Database) -> None:
    with desk.writing() as store:
        store.drafts.keep("case-1", "noor", "reply", {"text": "Dear"}, at=NOW, opened_at=NOW)
        store.drafts.drop("case-1", "noor", "reply", at=NOW + SECOND)

        late = store.drafts.keep("case-1", "noor", "reply", {"text": "Dear I"}, at=NOW + 2 * SECOND, opened_at=NOW)
        assert not late
        assert store.drafts.of("case-1", "noor") == []
        after = NOW + 2 * SECOND
        assert store.drafts.keep("case-1", "noor", "reply", {"text": "PS"}, at=after, opened_at=after)
        assert [one.fields["text"] for one in store.drafts.of("case-1", "noor")] == ["PS"]


def test_what_was_typed_long_ago_or_came_after_an_erasure_is_dropped(desk: Database) -> None:
    with desk.writing() as store:
        for day, form in ((0, "old"), (0, "sent-late"), (9, "new")):
            at = NOW + timedelta(days=day)
            store.drafts.keep("case-1", "noor", form, {"text": "x"}, at=at, opened_at=at)
        store.drafts.drop("case-1", "noor", "sent-late", at=NOW + timedelta(days=9))
        store.erase_case("case-2", by="noor", why="asked", at=NOW)
        store.drafts.keep("case-2", "noor", "new", {"text": "x"}, at=NOW + timedelta(days=9), opened_at=NOW)

        assert store.drafts.drop_old(NOW + timedelta(days=5)) == 2

        assert [one.form for one in store.drafts.of("case-1", "noor")] == ["new"]
        assert store.drafts.of("case-2", "noor") == []
        late = store.drafts.keep("case-1", "noor", "sent-late", {"text": "x"}, at=NOW, opened_at=NOW)
        assert not late


def test_erasing_a_case_takes_with_it_what_was_typed_and_who_was_there(desk: Database) -> None:
    with desk.writing() as store:
        for case_id in ("case-1", "case-2"):
            store.desk.enter(case_id, "noor", now=NOW)
            store.desk.hold(case_id, "noor", now=NOW)
            store.drafts.keep(case_id, "noor", "reply", {"text": "Dear Iris"}, at=NOW, opened_at=NOW)

        store.erase_case("case-1", by="root", why="asked", at=NOW)

        assert store.drafts.of("case-1", "noor") == []
        assert [one.reference for one in store.desk.present(NOW)] == ["C-2026-000002"]
        assert [one.reference for one in store.desk.holds(NOW)] == ["C-2026-000002"]
        assert len(store.drafts.of("case-2", "noor")) == 1
        assert store.verify_all() == []


def view(name: str = "Leaks", owner: str = "noor", *, shared: bool = False) -> SavedView:
    return SavedView(f"{owner}-{name}", owner, shared=shared, name=name, query="view=us&q=leak")


def person(name: str, *lines: str, teams: tuple[str, ...] = ()) -> User:
    return User(name, (Role.HANDLER,), "", lines=lines, teams=teams)


def test_a_shared_list_is_seen_by_colleagues_of_a_line_and_ones_own_by_nobody_else(desk: Database) -> None:
    with desk.writing() as store:
        store.saved_views.save(view(), at=NOW)
        store.saved_views.save(view("Bumps", shared=True), at=NOW)

        names = {
            who.name: [one.name for one in store.saved_views.of(who)]
            for who in (person("noor", "motor"), person("anouk", "motor"), person("sam", "housing"), person("al", "*"))
        }

    assert names == {"noor": ["Bumps", "Leaks"], "anouk": ["Bumps"], "sam": [], "al": ["Bumps"]}


def test_who_has_a_team_shares_with_the_team(desk: Database) -> None:
    with desk.writing() as store:
        store.people.add_user("tess", (Role.LEAD,), "no", at=NOW, lines=("motor",))
        store._connection.execute(update(UserRow).where(UserRow.name == "tess").values(teams="glass"))
        store.saved_views.save(view("Glass", "tess", shared=True), at=NOW)

        assert len(store.saved_views.of(person("anouk", "motor", teams=("glass",)))) == 1
        assert store.saved_views.of(person("noor", "motor", teams=("paint",))) == []


def test_only_the_owner_drops_a_list_and_nobody_saves_without_end(desk: Database) -> None:
    with desk.writing() as store:
        for n in range(MOST):
            store.saved_views.save(view(f"List {n:02}"), at=NOW)

        with pytest.raises(NotAllowed, match="drop one first"):
            store.saved_views.save(view("One more"), at=NOW)
        with pytest.raises(NotFound, match="saved view"):
            store.saved_views.drop("noor-List 00", "anouk")
        store.saved_views.drop("noor-List 00", "noor")
        assert len(store.saved_views.of(person("noor", "motor"))) == MOST - 1
