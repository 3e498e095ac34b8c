"""What the tests of the rulebook share: people who may change rules, and changes of the shipped motor journey."""

from datetime import date
from typing import Any

from cases import events as e
from cases.vocabulary import SYSTEM, Role
from pipelines.house import House
from pipelines.rulebook.drafts import Draft, draft_of, save_draft
from pipelines.rulebook.publishing import Published, publish
from pipelines.rulebook.versions import history

JOURNEY, TABLE = "motor_claim", "next_step"
ADA, BEN = "ada", "ben"  # two journey owners
HANNA = "hanna"  # a handler
NO_PHOTO = "R-110"  # glass damage without a photo: the shipped table asks for photos
REPORT = "r" * 64


def add_people(house: House) -> None:
    with house.database.writing() as store:
        for name, role in ((ADA, Role.JOURNEY_OWNER), (BEN, Role.JOURNEY_OWNER), (HANNA, Role.HANDLER)):
            store.people.add_user(name, [role], "", at=house.now(), lines=("*",))


def document_of(house: House) -> dict[str, Any]:
    """The root table in force, as plain data to change."""
    return house.journeys.get(JOURNEY).root.as_dict()


def digest_of(house: House) -> str:
    return house.journeys.get(JOURNEY).root_digest


def newest(house: House) -> str:
    with house.database.reading() as store:
        return history(store, JOURNEY, TABLE)[0].digest


def without_asking(
    document: dict[str, Any], words: str = "Glass damage without a photo: a person asks."
) -> dict[str, Any]:
    """The same table, but for glass damage without a photo, which goes to a person; its examples of that go out."""
    rows = [
        {**row, "description": words, "then": {**row["then"], "step": "expert", "requests": []}}
        if row["id"] == NO_PHOTO
        else row
        for row in document["rows"]
    ]
    examples = [one for one in document["examples"] if NO_PHOTO not in one["expect"].get("rows", ())]
    return {**document, "rows": rows, "examples": examples}


def drafted(house: House, document: dict[str, Any] | None = None, *, by: str = ADA) -> Draft:
    """A draft that may be published, unless it is told otherwise."""
    there = draft_of(house, JOURNEY, TABLE)
    document = without_asking(document_of(house)) if document is None else document
    return save_draft(house, JOURNEY, TABLE, document, by=by, base=there.digest if there else newest(house))


def reported(house: House, draft: Draft, *, report: str = REPORT, base: str | None = None) -> str:
    """The replay of a draft as its report notes it in the log."""
    event = e.ReplayReported(
        JOURNEY, TABLE, digest_of(house) if base is None else base, draft.digest, report, house.now()
    )
    with house.database.writing() as store:
        store.append(f"rules.{JOURNEY}", [(event, SYSTEM)], at=house.now())
    return report


def published(house: House, document: dict[str, Any] | None = None, *, effective_from: date | None = None) -> Published:
    """Drafted by Ada, replayed, published by Ben."""
    report = reported(house, drafted(house, document))
    return publish(house, JOURNEY, TABLE, report=report, by=BEN, effective_from=effective_from)
