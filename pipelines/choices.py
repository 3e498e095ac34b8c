"""How a customer wants to hear from us: by which way, how often and in which language. Chosen on their page."""

from dataclasses import dataclass

from cases import events as e
from cases.case import Case
from cases.errors import NotAllowed
from cases.store.store import Store
from cases.vocabulary import CUSTOMER
from pipelines.communication.service import reaching
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.reading_room import folder_of_customer, read_case_by_id


@dataclass(frozen=True, slots=True)
class Offered:
    """channels: by name, those that reach the customer. languages: of letters. chosen: what holds now."""

    channels: tuple[str, ...]
    languages: tuple[str, ...]
    chosen: e.NoticesChosen


def offered(house: House, case: Case) -> Offered:
    languages = folder_of_customer(house, case).journey.languages
    return Offered(tuple(reaching(case, house)), languages, case.notices)


def choose(house: House, case_id: str, wanted: e.NoticesChosen) -> None:
    """Keep what the customer wants; nothing is written where it is so already. Raises NotAllowed for what is not
    offered.
    """
    case, _ = read_case_by_id(house, case_id)
    known = offered(house, case)
    if wanted.channel and wanted.channel not in known.channels:
        raise NotAllowed(f"news by {wanted.channel!r}", f"choose one of: {', '.join(known.channels) or 'none'}")
    if wanted.language and wanted.language not in known.languages:
        raise NotAllowed(f"letters in {wanted.language!r}", f"choose one of: {', '.join(known.languages)}")
    if wanted == known.chosen:
        return

    def write(store: Store) -> None:
        at = house.now()
        store.append(case_id, [(wanted, CUSTOMER)], at=at, expected=store.case(case_id).version)

    write_in_turn(house.database, write)
    house.ring()
