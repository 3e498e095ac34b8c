"""Writing to the customer from the decision file: which letter, what it asks for, and exactly how it will read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.pages.case_drafting import Drafting, drafting_of, with_draft
from api.pages.case_leaving import letter_title
from api.pages.queue_view import Choice
from api.pages.templating import Pages
from cases.case import Case
from cases.composing import Draft, block_text, compose, free_letter, language_of, sendable
from cases.errors import NotAllowed
from cases.journey_folder import JourneyFolder
from cases.letters import filled
from pipelines.communication.service import reaching, unwanted
from pipelines.house import House
from pipelines.leaving import leaving

ASKED = "ask_"  # before the key of a request, in the names of the form's boxes


@dataclass(frozen=True, slots=True)
class Preview:
    """The letter as it would leave, or what stands against it."""

    to: str
    subject: str
    body: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Composer:
    """letters: the first is the one of free words. asked: keys of the requests that are ticked. unwanted: texts would
    reach the customer, who wrote STOP. drafting: None where no language model drafts.
    """

    language: str
    channel: str
    letters: tuple[Choice, ...]
    blocks: tuple[Choice, ...]
    requests: tuple[Choice, ...]
    letter: str
    text: str
    asked: frozenset[str]
    preview: Preview | None
    is_open: bool
    unwanted: bool
    drafting: Drafting | None = None


def composer_of(
    house: House,
    pages: Pages,
    case: Case,
    folder: JourneyFolder,
    *,
    by: str,
    typed: Mapping[str, str],
    hides_machine: bool = False,
) -> Composer:
    """The form with what was typed; with a preview when that was asked for, with a block or a draft when that was."""
    language, say = pages.desk_language, pages.desk_say()
    journey, own = folder.journey, free_letter(folder)
    keys = sorted(sendable(folder), key=lambda key: key != own)
    text = typed.get("text", "")
    if typed.get("insert") and typed.get("block", "") in journey.blocks:
        block = block_text(case, folder, typed["block"], at=house.now())
        text = f"{text}\n\n{block}".strip()
    drafting = drafting_of(house, pages, case, folder, typed=typed, hidden=hides_machine)
    text = with_draft(text, drafting, typed)
    draft = draft_of({**typed, "text": text})
    wants_preview = bool(typed.get("preview"))
    return Composer(
        language=say(f"desk.language.{language_of(case, folder)}"),
        channel=_leaves_by(house, case, say),
        letters=tuple(Choice(key, letter_title(pages, folder, key)) for key in keys),
        blocks=tuple(Choice(key, folder.worded(block.title, language)) for key, block in journey.blocks.items()),
        requests=tuple(Choice(key, folder.worded(spec.title, language)) for key, spec in journey.requests.items()),
        letter=draft.letter or own or "",
        text=text,
        asked=frozenset(draft.requests),
        preview=_preview(house, pages, case, folder, draft, by=by) if wants_preview else None,
        is_open=wants_preview
        or bool(text or draft.requests or typed.get("insert") or typed.get("drafted"))
        or (drafting is not None and drafting.is_open),
        unwanted="sms" in unwanted(case, house),
        drafting=drafting,
    )


def _leaves_by(house: House, case: Case, say: Callable[..., str]) -> str:
    """By which way a letter would leave now."""
    ways = reaching(case, house)
    match case.notices.channel if case.notices.channel in ways else next(iter(ways), ""):
        case "email":
            return say("case.by_mail", to=case.sender)
        case "sms":
            return say("case.by_sms")
        case "print":
            return say("case.by_print")
        case _:
            return say("case.by_page")


def draft_of(fields: Mapping[str, str]) -> Draft:
    asked = tuple(name.removeprefix(ASKED) for name, value in fields.items() if name.startswith(ASKED) and value)
    return Draft(fields.get("text", ""), fields.get("letter", ""), asked, fields.get("although", ""))


def fields_of(draft: Draft) -> dict[str, str]:
    """The form's fields in which this draft stands; draft_of reads them back."""
    asked = {f"{ASKED}{key}": "1" for key in draft.requests}
    return {"text": draft.message, "letter": draft.letter, **asked}


def _preview(house: House, pages: Pages, case: Case, folder: JourneyFolder, draft: Draft, *, by: str) -> Preview:
    """By the same function as the letter that leaves; only the link and the standing are filled in at sending."""
    leaves = leaving(house, folder.name)
    try:
        letter = compose(case, folder, draft, by=by, leaves_at=leaves.at if leaves else house.now()).letter
    except NotAllowed as refused:
        return Preview("", "", "", str(refused))
    say = pages.desk_say()
    body = filled(letter.body, link=say("case.tracking_link"), standing=say("case.standing_then"))
    return Preview(letter.to, letter.subject, body)
