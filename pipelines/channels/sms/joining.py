"""Which case a text belongs to. Numbers can be forged and change hands, so a number alone never suffices."""

from collections.abc import Iterable, Iterator, Sequence

from cases.case import Case
from cases.reaching import NUMBER_FIELDS, numbers_on_file
from cases.store.search_terms import number_word
from cases.store.store import Store
from cases.vocabulary import Status
from pipelines.channels.named_cases import case_of_id
from pipelines.channels.sms.incoming import Text
from pipelines.channels.sms.numbers import as_written, number_of
from pipelines.house import House

LOOKED_AT = 50  # of the newest cases that hold the number in some way


def case_of_text(store: Store, text: Text, mentions: Sequence[str], house: House) -> tuple[str | None, str | None]:
    """The id of the case that a signed text joins, or the reference of one that it may belong to.

    It joins only a case whose customer has this number on file, when it is their one open case or the text names its
    reference. With several open cases, or none, a person looks.
    """
    known = [case for case in _holding(store, text.sender, house) if text.sender in _numbers(case, house)]
    still_open = [case for case in known if case.status is not Status.CLOSED]
    named = [case for case in known if case.reference in mentions]
    joined = named[:1] or (still_open if len(still_open) == 1 else [])
    if joined:
        return joined[0].id, None
    newest = max((case.reference for case in still_open or known), default=None)
    return None, newest


def case_of_receipt(store: Store, letter_id: str) -> str | None:
    """The case whose letter a receipt is about; None for a letter that is not of a case."""
    case_id = letter_id.rpartition(".")[0]
    case = case_of_id(store, case_id) if case_id.startswith("case-") else None
    has_sent = case is not None and any(letter.letter_id == letter_id for letter in case.letters)
    return case_id if has_sent else None


def _holding(store: Store, number: str, house: House) -> Iterable[Case]:
    """Cases of who wrote from this number, or has it in a register."""
    words = [number_word(number), *_addresses(number, house)]
    ids = store.queue.holding_any(words, besides="", within=None, limit=LOOKED_AT)
    return store.cases(ids).values()


def _addresses(number: str, house: House) -> Iterator[str]:
    """Mail addresses that the registers hold beside this number."""
    journeys = (house.journeys.get(name).journey for name in house.journeys.names())
    registers = {(name, column) for one in journeys for name, spec in one.registers.items() for column in spec.fields}
    for name, column in sorted(one for one in registers if one[1] in NUMBER_FIELDS):
        for written in as_written(number):
            row = house.registers.look_up(name, column=column, value=written)
            if row is not None and row.get("email"):
                yield row["email"]


def _numbers(case: Case, house: House) -> set[str | None]:
    return {number_of(typed, country=house.settings.sms_country) for typed in numbers_on_file(case)}
