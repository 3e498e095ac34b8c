"""A merge moves nothing: both cases keep what is theirs, are shown together, and can go on by themselves again."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.case import Case
from cases.errors import NotAllowed
from cases.journey import Tracking
from cases.vocabulary import Status, View
from pipelines import hand, joining
from pipelines.audit import verify_all
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.joined import members
from pipelines.joining import OtherCustomer
from pipelines.leaving import leaving
from pipelines.links import reply_token
from pipelines.reading_room import customer_view
from tests.pipelines.given import BAS, FATIMA, Clock, by_form, by_mail, case_of, kinds, mail, photo, until_quiet

MORE = "Ik hoor nog niets van u over mijn voorruit, wanneer kan ik langskomen?"
GAS = "Help, ik ruik gas in de auto en er is brand!"


def opened(house: House, clock: Clock, *, sender: str = BAS, seed: int = 7, text: str = "") -> str:
    """A case that lies with a person."""
    words = {"text": text} if text else {}
    receipt = by_form(house, sender=sender, files=[("ruit.jpg", photo(seed))], **words)
    until_quiet(house, clock)
    return str(receipt.reference)


def written(house: House, clock: Clock, reference: str, text: str = MORE, *, sender: str = BAS) -> str:
    """A reply to the first letter of a case; returns the id of the message."""
    case = case_of(house, reference)
    answers = f"<{reply_token(f'{case.id}.1', house.keys.reply)}@casewright.example>"
    message_id = by_mail(house, mail(text, sender=sender, headers={"In-Reply-To": answers})).message_id
    until_quiet(house, clock)
    return message_id


def seen(house: House, reference: str) -> Tracking:
    return customer_view(house, case_of(house, reference).id)


def sent(tmp_path: Path) -> int:
    return len(list((tmp_path / "outbox").rglob("*.eml")))


def shown(house: House, reference: str) -> list[str]:
    """Ids of messages that are shown in an open case, its members included; none in a closed one."""
    case = case_of(house, reference)
    if case.status is Status.CLOSED:
        return []
    with house.database.reading() as store:
        others = [one.case for one in members(store, case)]
    return [message.message_id for one in (case, *others) for message in one.messages]


def by_itself(case: Case) -> tuple[object, ...]:
    return (case.status, case.messages, case.requests, case.update_by, case.letters, case.facts, case.outcome)


# --- merge ------------------------------------------------------------------------------------------------------------


def test_a_merged_case_goes_on_in_the_other_and_nobody_is_written_to(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    kept, merged = opened(house, clock), opened(house, clock)
    letters, words = sent(tmp_path), shown(house, kept) + shown(house, merged)

    joining.merge(house, merged, kept, person="anouk")
    until_quiet(house, clock)

    assert sent(tmp_path) == letters
    assert (shown(house, kept), shown(house, merged)) == (words, [])
    with house.database.reading() as store:
        lines = store.queue.of_references([kept, merged])
    assert (lines[merged].merged_into, lines[merged].clock, lines[kept].merged_into) == (kept, None, None)
    assert lines[merged].closed_at is not None
    assert verify_all(house).differences == ()


def test_what_its_customer_writes_reaches_the_other_case_and_calls_for_a_person(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    kept, merged = opened(house, clock), opened(house, clock)
    joining.merge(house, merged, kept, person="anouk")
    case = case_of(house, kept)
    hand.snooze(house, kept, clock().replace(year=2027), person="anouk")
    letters = sent(tmp_path)

    message_id = written(house, clock, merged)

    after = case_of(house, kept)
    assert message_id in shown(house, kept)
    assert (after.status, after.woke, after.version > case.version) == (Status.WITH_EXPERT, "reply", True)
    assert case_of(house, merged).status is Status.CLOSED
    assert sent(tmp_path) == letters


def test_danger_in_a_merged_case_makes_the_other_urgent(house: House, clock: Clock) -> None:
    kept, merged = opened(house, clock), opened(house, clock)
    joining.merge(house, merged, kept, person="anouk")

    written(house, clock, merged, GAS)

    with house.database.reading() as store:
        line = store.queue.of_references([kept])[kept]
    assert line.danger


def test_a_decision_that_waits_is_kept_back_when_the_merged_customer_writes(house: House, clock: Clock) -> None:
    kept, merged = opened(house, clock), opened(house, clock)
    joining.merge(house, merged, kept, person="anouk")
    case = case_of(house, kept)
    when = leaving(house, case.journey)
    assert when is not None
    decision = hand.Decision("refuse", "zo gezien", case.version, "Niet gedekt.")
    hand.decide_by_hand(house, kept, decision, person="anouk", leaves_at=when.at)

    written(house, clock, merged)

    assert (case_of(house, kept).held, len(case_of(house, kept).kept_back)) == ((), 1)
    assert "released" not in kinds(house, kept)


def test_a_word_in_the_merged_case_reopens_the_other_once_that_was_closed(house: House, clock: Clock) -> None:
    kept, merged = opened(house, clock), opened(house, clock)
    joining.merge(house, merged, kept, person="anouk")
    hand.decide_by_hand(
        house, kept, hand.Decision("refuse", "zo", case_of(house, kept).version, "Nee."), person="anouk"
    )
    until_quiet(house, clock)
    assert case_of(house, kept).status is Status.CLOSED

    written(house, clock, merged)

    assert case_of(house, kept).status is Status.REOPENED


def test_nothing_is_done_in_a_merged_case_but_what_had_begun(house: House, clock: Clock) -> None:
    kept, merged = opened(house, clock), opened(house, clock)
    joining.merge(house, merged, kept, person="anouk")

    with pytest.raises(NotAllowed, match=kept):
        hand.state_fact(house, merged, "licence_plate", "79-KXF-6", person="anouk")
    with pytest.raises(NotAllowed, match=f"goes on in {kept}"):
        joining.merge(house, merged, opened(house, clock), person="anouk")


def test_cases_that_are_being_decided_are_not_merged(house: House, clock: Clock) -> None:
    kept, merged = opened(house, clock), opened(house, clock)
    case = case_of(house, merged)
    when = leaving(house, case.journey)
    assert when is not None
    decision = hand.Decision("refuse", "zo gezien", case.version, "Niet gedekt.")
    hand.decide_by_hand(house, merged, decision, person="anouk", leaves_at=when.at)

    with pytest.raises(NotAllowed, match="take it back first"):
        joining.merge(house, merged, kept, person="anouk")
    with pytest.raises(NotAllowed, match="take it back first"):
        joining.merging(house, kept, merged, person="anouk")


def test_the_sooner_promise_is_carried_over_and_given_back(house: House, clock: Clock) -> None:
    merged = opened(house, clock)
    clock.forward(days=1)
    kept = opened(house, clock)
    sooner, later = case_of(house, merged).update_by, case_of(house, kept).update_by
    assert sooner is not None
    assert later is not None
    assert sooner < later

    joining.merge(house, merged, kept, person="anouk")
    assert case_of(house, kept).update_by == sooner

    joining.unmerge(house, merged, kept, person="anouk")
    assert case_of(house, kept).update_by == later


# --- other customers --------------------------------------------------------------------------------------------------


def test_cases_of_different_customers_are_merged_only_on_a_second_confirmation_with_a_reason(
    house: House, clock: Clock
) -> None:
    kept, merged = opened(house, clock), opened(house, clock, sender=FATIMA)

    for given_ in ({}, {"confirmed": True}, {"reason": "same household"}):
        with pytest.raises(OtherCustomer):
            joining.merge(house, merged, kept, person="anouk", **given_)

    joining.merge(house, merged, kept, person="anouk", reason="same household", confirmed=True)
    assert [one.other_customer for one in case_of(house, kept).ties.joined] == [True]


def test_no_customer_ever_reads_another_ones_words(house: House, clock: Clock) -> None:
    kept = opened(house, clock)
    merged = opened(house, clock, sender=FATIMA, text="Mijn buurman Bas zei dat ik hier moest zijn, geheim 4711.")
    joining.merge(house, merged, kept, person="anouk", reason="one accident", confirmed=True)
    written(house, clock, merged, "Nog een geheim 4712.", sender=FATIMA)

    of_bas, of_fatima = seen(house, kept), seen(house, merged)

    assert "geheim" not in repr(of_bas)
    assert [message.text for message in of_fatima.messages if message.who == "you"] == [
        "Mijn buurman Bas zei dat ik hier moest zijn, geheim 4711.",
        "Nog een geheim 4712.",
    ]
    assert "79-KXF-6" not in repr(of_fatima)
    assert (of_fatima.reference, of_fatima.closed) == (merged, False)


def test_both_links_of_one_customer_lead_to_the_whole_of_it(house: House, clock: Clock) -> None:
    kept, merged = opened(house, clock), opened(house, clock, text=MORE)
    joining.merge(house, merged, kept, person="anouk")

    assert seen(house, merged) == seen(house, kept)
    assert {message.text for message in seen(house, merged).messages} >= {MORE}


# --- taken back -------------------------------------------------------------------------------------------------------


def test_a_merge_taken_back_leaves_both_as_they_were(house: House, clock: Clock, tmp_path: Path) -> None:
    kept, merged = opened(house, clock), opened(house, clock)
    before, letters = [by_itself(case_of(house, one)) for one in (kept, merged)], sent(tmp_path)
    joining.merge(house, merged, kept, person="anouk")

    joining.unmerge(house, kept, merged, person="anouk")
    until_quiet(house, clock)

    assert [by_itself(case_of(house, one)) for one in (kept, merged)] == before
    assert sent(tmp_path) == letters
    with house.database.reading() as store:
        waiting = {line.reference for line in store.queue.page(View.US, who="anouk", now=clock(), limit=50).items}
    assert {kept, merged} <= waiting
    assert verify_all(house).differences == ()


def test_what_came_in_meanwhile_stays_where_its_thread_belongs(house: House, clock: Clock) -> None:
    kept, merged = opened(house, clock), opened(house, clock)
    joining.merge(house, merged, kept, person="anouk")
    theirs, own = written(house, clock, merged), written(house, clock, kept)

    joining.unmerge(house, merged, kept, person="anouk")
    until_quiet(house, clock)

    assert (shown(house, merged)[-1], shown(house, kept)[-1]) == (theirs, own)
    assert case_of(house, merged).status is Status.WITH_EXPERT
    with pytest.raises(NotAllowed, match="no merge"):
        joining.unmerge(house, merged, kept, person="anouk")


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), st.permutations([0, 1, 2])),
        st.tuples(st.just("unmerge"), st.permutations([0, 1, 2])),
        st.tuples(st.just("write"), st.permutations([0, 1, 2])),
    ),
    min_size=3,
    max_size=8,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_whatever_is_merged_and_taken_back_every_message_is_shown_in_exactly_one_open_case(
    house: House, clock: Clock, moves: list[tuple[str, list[int]]]
) -> None:
    references = [str(by_form(house, f"{MORE} {n}").reference) for n in range(3)]
    until_quiet(house, clock)
    said = [id_ for one in references for id_ in shown(house, one)]

    for what, (first, second, _) in moves:
        one, other = references[first], references[second]
        try:
            match what:
                case "merge":
                    joining.merge(house, one, other, person="anouk")
                case "unmerge":
                    joining.unmerge(house, one, other, person="anouk")
                case _:
                    said.append(written(house, clock, one))
        except NotAllowed:
            continue

        assert sorted(id_ for reference in references for id_ in shown(house, reference)) == sorted(said)


# --- erasing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("erased", [0, 1])
def test_erasing_either_of_two_merged_cases_erases_it_whole_and_leaves_the_other(
    house: House, clock: Clock, erased: int, tmp_path: Path
) -> None:
    secrets = ["geheim4711", "stil4712"]
    pair = [
        opened(house, clock, text=f"{MORE} {secret}", sender=sender)
        for secret, sender in zip(secrets, (BAS, FATIMA), strict=True)
    ]
    joining.merge(house, pair[1], pair[0], person="anouk", reason=f"about {secrets[1]}", confirmed=True)
    written(house, clock, pair[1], f"{MORE} {secrets[1]}", sender=FATIMA)

    erase_case(house, pair[erased], by="anouk", why="asked for")
    until_quiet(house, clock)

    left = pair[1 - erased]
    assert case_of(house, left).status is Status.WITH_EXPERT
    assert case_of(house, left).ties.into is None
    assert case_of(house, left).ties.joined == ()
    assert len(shown(house, left)) == 1 + erased * 0 + (erased == 0)
    assert secrets[erased].encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("*.db*"))
    assert verify_all(house).differences == ()
