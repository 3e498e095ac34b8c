"""An HTML mail as plain text: sanitised by nh3, line breaks kept, quotes marked, hidden text left out."""

import html
import re

import nh3

MAX_HTML_CHARS = 1_000_000
MAX_NESTING = 2_000  # the tree builder is quadratic in nesting: 8,000 levels take 0.1 s, 100,000 take 15 s

_BLOCKS = {
    *("p", "div", "tr", "li", "ul", "ol", "table", "pre", "hr", "blockquote", "section", "article", "dt", "dd"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "header", "footer", "address", "center", "form", "fieldset"),
}
_TAGS = _BLOCKS | {"br", "span", "font", "td", "th"}
_DROPPED = {"script", "style", "title", "head", "template", "noscript", "textarea", "select", "svg", "math"}
_TOKEN = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>|([^<]+)")
_RAW_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_UNNESTED = {
    *("br", "p", "img", "hr", "li", "tr", "td", "th", "meta", "link", "input", "col", "wbr", "option", "dt", "dd"),
}
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all"
    r"|opacity\s*:\s*0(?![.\d]*[1-9])|(?<!-)\bhidden=|max-height\s*:\s*0(?![.\d]*[1-9])",
    re.IGNORECASE,
)


def html_to_text(source: str, notes: list[str]) -> str:
    """Readable text of an HTML mail; `notes` gains what was cut. Never raises, linear in the length."""
    if len(source) > MAX_HTML_CHARS:
        notes.append(f"HTML cut after {MAX_HTML_CHARS} characters")
        source = source[:MAX_HTML_CHARS]
    if nesting(source) > MAX_NESTING:
        notes.append("HTML nested too deep to be read as a page; its tags were cut out")
        return html.unescape(re.sub(r"<[^<>]{0,5000}>", " ", source))
    clean = nh3.clean(
        source.replace("\0", ""),
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes={"*": {"style", "hidden"}},
        strip_comments=True,
    )
    return _render(clean, notes)


def _render(clean: str, notes: list[str]) -> str:
    """Text of sanitised, balanced HTML; lines inside a blockquote start with "> "."""
    lines: list[str] = [""]
    quotes = 0
    open_tags: list[tuple[str, bool]] = []
    hidden_anywhere = False
    for closing, tag, attributes, text in _TOKEN.findall(clean):
        hidden = bool(open_tags) and open_tags[-1][1]
        if text:
            if not hidden:
                lines[-1] += _flow(text, any(name == "pre" for name, _ in open_tags[-3:]), lines)
            hidden_anywhere = hidden_anywhere or (hidden and bool(text.strip()))
            continue
        if tag in _BLOCKS or tag == "br":
            _break(lines, quotes, always=tag in ("br", "p") and not (tag == "p" and not closing))
        elif tag in ("td", "th") and not closing:
            lines[-1] += " "
        if tag == "blockquote":
            quotes = max(0, quotes + (-1 if closing else 1))
            lines[-1] = "> " * min(quotes, 5)
        if closing and open_tags:
            open_tags.pop()
        elif not closing and tag not in ("br", "hr"):
            open_tags.append((tag, hidden or bool(_HIDDEN.search(attributes))))
    if hidden_anywhere:
        notes.append("hidden text in the HTML was left out")
    text = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _flow(text: str, preformatted: bool, lines: list[str]) -> str:  # noqa: FBT001  # a fact about the text
    plain = html.unescape(text).replace("\xa0", " ")
    if preformatted:
        return plain
    joined = re.sub(r"\s+", " ", plain)
    return joined.lstrip() if not lines[-1] or lines[-1].endswith((" ", "\n")) else joined


def _break(lines: list[str], quotes: int, *, always: bool) -> None:
    prefix = "> " * min(quotes, 5)
    if always or lines[-1].strip(" >"):
        lines.append(prefix)


def nesting(source: str) -> int:
    """An estimate from above of how deep the tree gets: a closing tag closes only what is open by that name."""
    counts: dict[str, int] = {}
    depth = deepest = 0
    for closing, name in _RAW_TAG.findall(source):
        tag = name.lower()
        if tag in _UNNESTED:
            continue
        if not closing:
            counts[tag] = counts.get(tag, 0) + 1
            depth += 1
            deepest = max(deepest, depth)
        elif counts.get(tag):
            counts[tag] -= 1
            depth -= 1
    return deepest
