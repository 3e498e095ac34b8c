"""The customer signs a statement on their page: what they agreed to is kept as it stood before them."""

from cases import events as e
from cases.errors import NotAllowed
from cases.journey import tracking
from cases.store.store import Store
from cases.vocabulary import CUSTOMER
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.reading_room import folder_of_customer

LONGEST_NAME = 100  # characters


class StatementChanged(NotAllowed):
    def __init__(self) -> None:
        super().__init__("signing", "the statement reads otherwise by now; read it again and sign that")


def sign(house: House, case_id: str, request: str, *, digest: str, name: str, agrees: bool, language: str) -> None:
    """Keep the statement with its digest and the typed name; its request is answered then, and a person goes on.

    digest: of the statement that the customer read, in that language. Raises StatementChanged when it is not what the
    journey says now, and NotAllowed without a name or a yes, or for a request that is not open.
    """
    if not agrees:
        raise NotAllowed("signing", "tick that you agree")
    typed = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if not typed or len(typed) > LONGEST_NAME:
        raise NotAllowed("signing", f"write your name, in at most {LONGEST_NAME} letters")

    def write(store: Store) -> None:
        entries, case = store.history(case_id), store.case(case_id)
        view = tracking(folder_of_customer(house, case), case, entries, language=language)
        asked = next((one for one in view.requests if one.key == request and one.statement), None)
        if asked is None:
            raise NotAllowed("signing", "nobody waits for that signature (any more)")
        if asked.digest != digest:
            raise StatementChanged
        signed = e.StatementSigned(request, asked.statement, asked.digest, view.language, typed)
        events: list[e.Written] = [signed, e.RequestAnswered((request,), "")]
        store.append(case_id, [(event, CUSTOMER) for event in events], at=house.now(), expected=case.version)

    write_in_turn(house.database, write)
    house.ring()
