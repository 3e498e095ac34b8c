"""What answers an open request, what the file holds already, and how often customers were asked that again. Pure."""

from collections.abc import Collection, Iterable, Mapping

from cases import events as e
from cases.case import Case, Entry, Request, apply
from cases.errors import NotAllowed
from cases.facts import MessageSpan, best, contradictions
from cases.journey_spec import FactSpec, Journey, RequestSpec
from cases.vocabulary import FileKind, FileStatus, RequestKind

REPLY = "reply"  # key of a request worded by a person
CERTAIN = 0.5  # more likely than not: less is no answer
_BY_WORDS = (RequestKind.FACT, RequestKind.CHOICE)
#: What arrives by post is scanned, and many a document is photographed; a logo in a mail is neither.
_BY_FILES: Mapping[RequestKind, tuple[FileKind, ...]] = {
    RequestKind.PHOTO: (FileKind.PHOTO, FileKind.DOCUMENT),
    RequestKind.DOCUMENT: (FileKind.PHOTO, FileKind.DOCUMENT, FileKind.TEXT),
}
#: A statement that was signed with a pen; no file is that by chance, so only one that was sent for it.
_ON_PAPER = (FileKind.PHOTO, FileKind.DOCUMENT)


class HeldAlready(NotAllowed):
    """A question whose answer the file holds. value: of the fact; "" for what was answered otherwise."""

    def __init__(self, title: str, value: str) -> None:
        holds = f"the file says {value!r}" if value else "it was answered before"
        super().__init__(
            f"asking for {title!r}", f"{holds}; leave it out, or say in `although` why to ask all the same"
        )
        self.value = value


def answers(case: Case, message: e.MessageAdded, *, readable: Collection[str] = ()) -> list[e.Written]:
    """Open requests that a new message answers by itself: files what asks for files, words the others.

    readable: facts that are looked for in the words. A request for one of them is answered once it was found there
    (found_in), so that a message about something else leaves it open.
    """
    files = {file.kind for file in message.files if file.status is FileStatus.RECEIVED}
    words = bool(message.text.strip())
    meant = next((one.item.key for one in case.open_requests if one.item.key == message.request), "")
    keys = tuple(
        request.item.key
        for request in case.open_requests
        if files.intersection(_files_for(request, meant))
        or (request.item.kind in _BY_WORDS and words and request.item.fact not in readable)
    )
    return [e.RequestAnswered(keys, message.message_id)] if keys else []


def _files_for(request: Request, meant: str) -> tuple[FileKind, ...]:
    """Kinds of files that answer it. meant: the request that the files were sent for; others stay open then."""
    if not meant:
        return _BY_FILES.get(request.item.kind, ())
    if request.item.key != meant:
        return ()
    return _ON_PAPER if request.item.kind is RequestKind.SIGNATURE else _BY_FILES.get(request.item.kind, ())


def found_in(case: Case, read: e.Understood) -> list[e.Written]:
    """Open requests for facts that this reading finds in messages which it is the first to read."""
    before = case.understood.message_id if case.understood is not None else ""
    ids = [message.message_id for message in case.messages]
    new = set(ids[ids.index(before) + 1 :] if before in ids else ids)
    found = {
        fact.name
        for fact in read.facts
        if fact.certainty >= CERTAIN
        and any(isinstance(source, MessageSpan) and source.message_id in new for source in fact.sources)
    }
    keys = tuple(request.item.key for request in case.open_requests if request.item.fact in found)
    return [e.RequestAnswered(keys, read.message_id)] if keys else []


def readable_facts(facts: Mapping[str, FactSpec]) -> frozenset[str]:
    """Names of the facts that are looked for in messages; the others only people can read."""
    return frozenset(name for name, spec in facts.items() if spec.reader != "none")


def asks_for(case: Case, fact: str) -> tuple[str, ...]:
    """Keys of the open requests that this fact answers."""
    return tuple(request.item.key for request in case.open_requests if request.item.fact == fact)


def rest_of_what_was_asked(case: Case) -> tuple[Request, ...]:
    """Files that were asked together with something that was answered: they are welcome while people look.

    Not so facts: of two that are asked one often does for the other.
    """
    part = {request.asked_at for request in case.requests if request.answered}
    return tuple(one for one in case.open_requests if one.asked_at in part and one.item.kind in _BY_FILES)


def held_answer(case: Case, key: str, fact: str | None) -> str | None:
    """What the file holds of what this request asks for: a fact's value, "" for other answers; None when nothing.

    A fact told in two ways is worth asking, and so is a better file while the newest message holds an unusable one.
    """
    if key == REPLY:
        return None
    if fact is not None:
        known = best(case.facts, fact)
        sure = known is not None and known.certainty >= CERTAIN and not contradictions(case.facts, [fact])
        return known.value if known is not None and sure else None
    if any(file.status is FileStatus.UNUSABLE for message in case.messages[-1:] for file in message.files):
        return None
    return "" if any(request.item.key == key and request.answered for request in case.requests) else None


def check_worth_asking(case: Case, journey: Journey, asked: Iterable[str], *, although: str) -> None:
    """although: why it is asked all the same; blank for no reason. Raises HeldAlready."""
    if although.strip():
        return
    for key in asked:
        spec: RequestSpec | None = journey.requests.get(key)
        held = held_answer(case, key, spec.fact) if spec is not None else None
        if held is not None:
            raise HeldAlready(key, held)


def repeat_questions(case_id: str, entries: Iterable[Entry]) -> int:
    """How often the customer was asked for what the file held already; 0 is the aim."""
    case, repeated = Case(case_id), 0
    for entry in entries:
        match entry.event:
            case e.RequestMade(items=items):
                repeated += sum(held_answer(case, item.key, item.fact) is not None for item in items)
            case _:
                pass
        case = apply(case, entry)
    return repeated
