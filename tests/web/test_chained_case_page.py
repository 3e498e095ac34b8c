"""The page of a case whose deciding table rested on another one."""

from dataclasses import replace

from web_house import signed_in

from cases.case import Case
from cases.events import CaseOpened, StepDecided, TableAnswer
from cases.vocabulary import CUSTOMER, MACHINE
from pipelines.house import House

BEFORE = TableAnswer("weight", "d" * 64, "fired", (), ("W-7",), ())


def test_the_page_tells_what_the_earlier_table_said_and_by_which_row(house: House, opened: dict[str, str]) -> None:
    with house.database.reading() as store:
        old = store.case(store.case_id(opened["reference"]))
    reference = _copy_with(house, old, BEFORE)
    client = signed_in(house, "anouk")

    page = client.get(f"/cases/{reference}").text
    told = client.get(f"/api/cases/{reference}/decision-file").json()["recommendation"]["upstream"]

    assert [(one["table"], [row["row"] for row in one["rows"]]) for one in told] == [("weight", ["W-7"])]
    assert "<b>W-7</b>" in page
    assert "#rule-W-7" not in page  # rows of the deciding table only are on the page under their own name


def _copy_with(house: House, old: Case, before: TableAnswer) -> str:
    """The same case once more, decided on a table that rested on another one."""
    assert old.understood is not None
    assert old.step is not None
    assert old.step.read is not None
    now = house.now()
    step: StepDecided = replace(old.step, read=replace(old.step.read, upstream=(before,)))
    with house.database.writing() as store:
        reference = store.open_reference(now.year)
        opening = CaseOpened(reference, "message-y", "webform", "a@b.nl", journey=old.journey, language="nl")
        events = [(opening, CUSTOMER), (old.messages[0], CUSTOMER), (old.understood, MACHINE), (step, MACHINE)]
        store.append(f"case-{reference.lower()}", events, at=now)
    return reference
