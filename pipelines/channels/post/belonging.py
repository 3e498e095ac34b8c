"""Which case a letter answers: by a sheet of ours it joins; what it says itself makes it one that may belong there."""

from collections.abc import Iterator

from cases.facts import Fact
from cases.store.store import Store
from cases.vocabulary import Status, View
from pipelines.channels.named_cases import case_of_reference
from pipelines.channels.post.letter import Letter
from pipelines.channels.post.sheets import is_proof, references_in
from pipelines.house import House
from pipelines.reading.found import Found
from pipelines.reading.identifiers import find_pattern

MOST_NUMBERS = 5  # of contracts in one letter that are looked for
MOST_CASES = 20  # looked at for one number, the newest first


def case_of_letter(letter: Letter, house: House) -> tuple[str | None, str | None]:
    """The id of the case that it joins, or else the reference of one that it may belong to.

    Only a sheet with a proof of ours joins. A reference that anybody can write, and the number of a contract under
    which a case is open, are for a person to confirm.
    """
    with house.database.reading() as store:
        named = [letter.cover.reference] if letter.cover else []
        for reference in [*named, *references_in(letter.text)]:
            case = case_of_reference(store, reference)
            if case is None:
                continue
            proof = letter.cover.proof if letter.cover and letter.cover.reference == reference else ""
            return (case.id, None) if is_proof(proof, case.id, house.keys.reply) else (None, case.reference)
        return None, _by_number(store, letter, house)


def _by_number(store: Store, letter: Letter, house: House) -> str | None:
    """The newest open case about a contract that the letter names."""
    for name, value in list(dict.fromkeys(_numbers(letter, house)))[:MOST_NUMBERS]:
        lines = store.queue.page(View.ALL, who="", now=house.local_now(), q=value, limit=MOST_CASES).items
        cases = store.cases([line.id for line in lines if line.status != Status.CLOSED and not line.erased])
        for line in lines:
            if line.id in cases and _holds(cases[line.id].facts, name, value):
                return line.reference
    return None


def _numbers(letter: Letter, house: House) -> Iterator[tuple[str, str]]:
    """Fact and value of each number in the letter by which some journey looks a customer up in a register."""
    for folder in house.journeys.folders.values():
        keys = {key for register in folder.journey.registers.values() for key in register.keys}
        for name in sorted(keys):
            spec = folder.journey.facts.get(name)
            if spec is not None and spec.reader == "pattern" and spec.pattern:
                found: list[Found] = find_pattern(letter.text, spec.pattern, name)
                yield from ((name, one.value) for one in found)


def _holds(facts: tuple[Fact, ...], name: str, value: str) -> bool:
    return any(fact.name == name and fact.value == value for fact in facts)
