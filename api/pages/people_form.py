"""What an administrator typed about a person, read into a change, and shown again as it was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from cases.errors import CaseError
from cases.people import DECIDERS, EVERY_LINE, User
from cases.store.people import NameTaken
from cases.vocabulary import Role
from pipelines.staff import Change, LastAdministrator, OwnRights

LONGEST = 2000  # letters of one field


class Unfit(CaseError):
    """What was typed cannot be. key: of the sentence that says so, after people.problem."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the form cannot be read ({key}); mend the field and send it again")
        self.key = key


@dataclass(frozen=True, slots=True)
class Typed:
    """As the form shows it. teams, skills, languages: words, apart by commas. limit: euros; blank: that of the role."""

    name: str = ""
    roles: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    teams: str = ""
    skills: str = ""
    languages: str = ""
    limit: str = ""

    @classmethod
    def of(cls, user: User) -> "Typed":
        limit = "" if user.own_limit is None else f"{user.own_limit:f}"
        teams, skills, languages = (", ".join(words) for words in (user.teams, user.skills, user.languages))
        return cls(user.name, tuple(user.roles), user.lines, teams, skills, languages, limit)

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "Typed":
        """Ticked boxes are fields of their own: role.lead, line.motor."""
        ticked = {
            what: tuple(key.removeprefix(f"{what}.") for key in fields if key.startswith(f"{what}."))
            for what in ("role", "line")
        }
        kept = {key: fields.get(key, "")[:LONGEST] for key in ("name", "teams", "skills", "languages", "limit")}
        return cls(roles=ticked["role"], lines=ticked["line"], **kept)

    def change(self, before: User | None = None) -> Change:
        """before: the person as they are; the same boxes ticked are no change. Raises Unfit."""
        roles = tuple(role for role in Role if role in self.roles)
        if not roles:
            raise Unfit("role")
        if DECIDERS & set(roles) and not self.lines:
            raise Unfit("line")
        limit, lines = self._amount(), (EVERY_LINE,) if EVERY_LINE in self.lines else self.lines
        return Change(
            roles=None if before is not None and set(before.roles) == set(roles) else roles,
            lines=None if before is not None and set(before.lines) == set(lines) else lines,
            teams=_words(self.teams),
            skills=_words(self.skills),
            languages=_words(self.languages.lower()),
            own_limit=limit,
            no_limit=limit is None,
        )

    def _amount(self) -> Decimal | None:
        try:
            return Decimal(self.limit.replace(",", ".")) if self.limit else None
        except InvalidOperation as error:
            raise Unfit("limit") from error


def _words(typed: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(typed.replace(",", " ").split()))


def problem_of(refused: CaseError) -> tuple[str, str]:
    """The key of the sentence that tells why, and what stands in it."""
    match refused:
        case Unfit(key=key):
            return f"people.problem.{key}", ""
        case LastAdministrator():
            return "people.problem.last", ""
        case OwnRights():
            return "people.problem.own", ""
        case NameTaken():
            return "people.problem.taken", ""
        case _:
            return "people.problem.other", str(refused)
