"""Calling colleagues to a case by their name in a note."""

import re
from collections.abc import Sequence

from cases.errors import NotAllowed
from cases.people import User

#: @name, also where names are addresses; what stands right after a letter is no call but an address itself.
CALL = re.compile(r"(?<![\w@.])@([\w-]+(?:\.[\w-]+)*(?:@[\w-]+(?:\.[\w-]+)+)?)")
_SHOWN = 12  # names in a refusal


class UnknownColleague(NotAllowed):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        names = ", ".join(f"@{one}" for one in known[:_SHOWN]) or "nobody else"
        super().__init__(f"calling @{name}", f"nobody of that name sees this case; call {names}, or leave the @ out")
        self.name = name


def called_in(text: str, colleagues: Sequence[User]) -> set[str]:
    """Names of those whom a note calls, among who sees the case. Raises UnknownColleague."""
    known = {user.name.casefold(): user.name for user in colleagues if user.disabled_at is None}
    called = CALL.findall(text)
    for name in called:
        if name.casefold() not in known:
            raise UnknownColleague(name, list(known.values()))
    return {known[name.casefold()] for name in called}
