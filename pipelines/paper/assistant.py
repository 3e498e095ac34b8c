"""What language models said, as a section of the document under a heading that says so; nothing where there is none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pipelines.paper.parts import listed, note, stated, table, text
from pipelines.paper.spoken import Spoken

Json = dict[str, Any]
MOST_STATEMENTS = 200  # of one kind of help
Cite = Callable[[Iterable[Json]], list[int]]


def assistant_parts(said: Json | None, labels: Mapping[str, str], cite: Cite, spoken: Spoken) -> list[Json]:
    """[] where a file has nothing of it. labels: what the document calls each file of the case."""
    if said is None:
        return []
    say = spoken.say
    return [
        note(say("paper.assistant_says")),
        *_part(say("paper.assistant.summary"), _list(said["summary"], cite, spoken)),
        *_part(say("paper.assistant.facts"), _facts(said["facts"], cite, spoken)),
        *_part(say("paper.assistant.opinion"), _opinion(said["opinion"], cite, spoken)),
        *_part(say("paper.assistant.photos"), _photos(said["photos"], labels, cite, spoken)),
        *_part(say("paper.assistant.translation"), _list(said["translations"], cite, spoken)),
        *_part(say("paper.assistant.missing"), _missing(said["missing"], spoken)),
        *_part(say("paper.assistant.machine"), _machine(said["machine"], spoken)),
    ]


def _part(title: str, parts: Sequence[Json]) -> list[Json]:
    return [{"shows": "heading", "text": title}, *parts] if parts else []


def _list(statements: Sequence[Json], cite: Cite, spoken: Spoken, *, before: Sequence[str] = ()) -> list[Json]:
    """before: what stands before each statement."""
    told = [_judged(one, spoken) for one in statements[:MOST_STATEMENTS]]
    ahead = before or [""] * len(told)
    rows = (
        stated(start + words, cite(one["sources"])) for start, words, one in zip(ahead, told, statements, strict=False)
    )
    return [*listed(rows), *_left_out(statements, spoken)]


def _judged(one: Json, spoken: Spoken) -> str:
    """With what a person made of it, or with who else says it."""
    words = str(one.get("text") or one.get("shown") or one.get("title"))
    if (judged := one.get("judged")) is not None:
        return f"{words} ({spoken.say('paper.assistant.' + judged['verdict'], name=judged['by'])})"
    return words if "said_id" in one else f"{words} ({spoken.say('paper.assistant.own')})"


def _facts(facts: Sequence[Json], cite: Cite, spoken: Spoken) -> list[Json]:
    rows = [
        [stated(one["label"], strong=True), stated(_judged(one, spoken), cite(one["sources"]))]
        for one in facts[:MOST_STATEMENTS]
    ]
    heads = [spoken.say(f"case.{name}") for name in ("fact", "value")]
    return [table(heads, rows, widths=[4, 8]), *_left_out(facts, spoken)] if rows else []


def _opinion(one: Json | None, cite: Cite, spoken: Spoken) -> list[Json]:
    return [] if one is None else [text(_judged(one, spoken), cite(one["sources"]))]


def _photos(photos: Sequence[Json], labels: Mapping[str, str], cite: Cite, spoken: Spoken) -> list[Json]:
    before = [
        spoken.say(f"paper.assistant.photo_{one['tells']}", photo=labels.get(one["file_id"], one["file_id"])) + " "
        for one in photos
    ]
    return _list(photos, cite, spoken, before=before)


def _missing(missing: Sequence[Json], spoken: Spoken) -> list[Json]:
    return listed(
        stated(f"{spoken.say('paper.assistant.' + one['help'])}: {spoken.say('paper.assistant.why.' + one['why'])}")
        for one in missing
    )


def _machine(machine: Mapping[str, Json], spoken: Spoken) -> list[Json]:
    """Which model said it, told what and when."""
    return [
        text(
            f"{spoken.say('paper.assistant.' + task)}: {one['model']}, {one['prompt']}, {spoken.moment(one['at'])}",
            style="soft",
        )
        for task, one in machine.items()
    ]


def _left_out(statements: Sequence[Json], spoken: Spoken) -> list[Json]:
    more = len(statements) - MOST_STATEMENTS
    return [text(spoken.say("paper.left_out", n=more), style="soft")] if more > 0 else []
