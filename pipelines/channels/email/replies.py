"""What is new in a reply, apart from the quoted mail below it and the signature.

Losing a customer's sentence is worse than keeping a quoted one: each cut needs proof, and what is cut is returned.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pipelines.channels.email import reply_patterns as patterns

MAX_LINE_LOOKED_AT = 400
MAX_SIGNATURE_LINES = 6
MAX_SIGNATURE_LINE_CHARS = 70
MAX_SIGNATURE_WORDS = 8
MAX_WRAPPED_LINES = 3
OUTLOOK_BLOCK_LINES = 8
MIN_OUTLOOK_LINES = 2


class Split(NamedTuple):
    """Both parts keep their lines in order; together they hold every line that is not blank."""

    new: str
    rest: str


def split_reply(text: str) -> Split:
    """The new text of a message, whose lines end in a line feed, and what was split off it."""
    lines = text.split("\n")
    kept = _kept(lines)
    new = "\n".join(line for line, keep in zip(lines, kept, strict=True) if keep)
    rest = "\n".join(line for line, keep in zip(lines, kept, strict=True) if not keep)
    return Split(new.strip("\n"), rest.strip("\n"))


def reply_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Offsets (start, end) in `text` of the runs of lines that `split_reply` calls new."""
    spans: list[tuple[int, int]] = []
    lines = text.split("\n")
    position = 0
    for line, keep in zip(lines, _kept(lines), strict=True):
        end = position + len(line)
        if keep and spans and spans[-1][1] == position - 1:
            spans[-1] = (spans[-1][0], end)
        elif keep:
            spans.append((position, end))
        position = end + 1
    return tuple(spans)


def _kept(lines: list[str]) -> list[bool]:
    """Which lines are new."""
    looked_at = [line[:MAX_LINE_LOOKED_AT].strip() for line in lines]
    kept = [True] * len(lines)
    tail = _cut_quotes(looked_at, kept)
    if tail is not None and not _any_words(looked_at[:tail], kept):
        return [True] * len(lines)  # nothing but a forwarded mail: that is what the customer sends us
    if not _any_words(looked_at, kept):
        return kept
    unsigned = list(kept)
    _cut_signatures(looked_at, unsigned)
    return unsigned if _any_words(looked_at, unsigned) else kept


def _any_words(lines: list[str], kept: list[bool]) -> bool:
    return any(line and keep for line, keep in zip(lines, kept, strict=False))


def _cut_quotes(lines: list[str], kept: list[bool]) -> int | None:
    """Mark quoted lines; returns where an unquoted older mail starts that runs to the end."""
    index = 0
    while index < len(lines):
        if not lines[index]:
            index += 1
            continue
        if _is_quote(lines, index):
            kept[index] = False
        elif length := _attribution(lines, index):
            below = _next_words(lines, index + length)
            if below is not None and not lines[below].startswith(">"):
                return _cut_from(index, lines, kept)
            kept[index : index + length] = [False] * length
            index += length - 1
        elif _opens_older_mail(lines, index):
            return _cut_from(index, lines, kept)
        index += 1
    return None


def _cut_from(index: int, lines: list[str], kept: list[bool]) -> int:
    """Everything from there is an older mail, with the ruler right above it."""
    above = next((i for i in range(index - 1, -1, -1) if lines[i]), None)
    if above is not None and patterns.RULER.match(lines[above]):
        index = above
    kept[index:] = [False] * (len(lines) - index)
    return index


def _is_quote(lines: list[str], index: int) -> bool:
    """A line after ">"; one that stands alone before a number ("> 100 euro") is the customer's own."""
    if not lines[index].startswith(">"):
        return False
    neighbours = lines[max(0, index - 1) : index] + lines[index + 1 : index + 2]
    alone = not any(line.startswith(">") or line.endswith(":") for line in neighbours)
    return not (alone and lines[index].lstrip("> €$").lstrip()[:1].isdigit())


def _attribution(lines: list[str], index: int) -> int:
    """How many lines an "On … wrote:" takes from here, 0 when there is none."""
    joined = ""
    for length, line in enumerate(lines[index : index + MAX_WRAPPED_LINES], start=1):
        if not line:
            return 0
        joined = f"{joined} {line}".strip()
        if joined.endswith(":"):
            return length if _is_attribution(joined, lines, index + length) else 0
    return 0


def _is_attribution(joined: str, lines: list[str], below: int) -> bool:
    address = patterns.ADDRESS.search(joined)
    if patterns.BARE_STAMP.match(joined) and address:
        return True
    opens = patterns.ON_DATE.match(joined) or patterns.WROTE_ON.search(joined) or address
    if not opens or not patterns.WROTE.search(joined):
        return False
    after = _next_words(lines, below)
    quoted = after is not None and lines[after].startswith(">")
    return quoted or bool(patterns.ATTRIBUTION_PROOF.search(joined))


def _opens_older_mail(lines: list[str], index: int) -> bool:
    line = lines[index]
    if patterns.SEPARATOR.match(line) or patterns.FORWARD.match(line):
        return True
    if not patterns.HEADER_FROM.match(line):
        return False
    block = [patterns.HEADER_LINE.match(other) for other in lines[index + 1 : index + 1 + OUTLOOK_BLOCK_LINES]]
    names = {match[1].lower() for match in block if match}
    return len(names) >= MIN_OUTLOOK_LINES and bool(names & patterns.HEADER_PROOF)


def _next_words(lines: list[str], index: int) -> int | None:
    return next((i for i in range(index, min(len(lines), index + 20)) if lines[i]), None)


def _cut_signatures(lines: list[str], kept: list[bool]) -> None:
    """Mark signatures; never the first words of the message."""
    first = next(i for i, line in enumerate(lines) if line and kept[i])
    for start, end in list(_runs(kept)):
        for index in range(max(start, first), end):
            line = lines[index]
            if not line or not kept[index]:
                continue
            if patterns.DEVICE.match(line):
                kept[index] = False
            elif index > first and patterns.DISCLAIMER.match(line):
                stop = next((i for i in range(index, end) if not lines[i]), end)
                kept[index:stop] = [False] * (stop - index)
            elif index > first and (stop := _signature_end(lines, index, end)):
                kept[index:stop] = [False] * (stop - index)


def _runs(kept: list[bool]) -> Iterator[tuple[int, int]]:
    """(start, end) of each run of kept lines."""
    start = None
    for index, keep in enumerate([*kept, False]):
        if keep and start is None:
            start = index
        elif not keep and start is not None:
            yield start, index
            start = None


def _signature_end(lines: list[str], index: int, end: int) -> int:
    """Where the signature that opens here stops, 0 when none opens here."""
    dashes = lines[index] == "--"
    if not dashes and not _is_closing(lines[index]):
        return 0
    words = 0
    for at in range(index + 1, end):
        line = lines[at]
        if not line:
            continue
        if patterns.POSTSCRIPT.match(line):
            return at
        if patterns.DISCLAIMER.match(line) or patterns.DEVICE.match(line) or line == "--":
            return at if not dashes else end
        words += 1
        if dashes:
            continue
        too_much = len(line) > MAX_SIGNATURE_LINE_CHARS or len(line.split()) > MAX_SIGNATURE_WORDS
        if words > MAX_SIGNATURE_LINES or too_much or patterns.SENTENCE.search(line):
            return 0
    return end


def _is_closing(line: str) -> bool:
    """A greeting like "Met vriendelijke groet, Jan de Vries": nothing may follow but capitalised words."""
    if patterns.SHORT_THANKS.match(line):
        return True
    match = patterns.CLOSING.match(line)
    names = line[match.end() :].split() if match else []
    if match is None or len(names) > MAX_SIGNATURE_WORDS:
        return False
    return all(name[0].isupper() or name.lower() in patterns.NAME_PARTICLES for name in names)
