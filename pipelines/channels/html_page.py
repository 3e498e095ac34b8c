"""An HTML mail as a page that is safe to show: an allow-list by nh3, with no pictures but those of the mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import nh3

from pipelines.channels.html_text import MAX_NESTING, nesting

MAX_SHOWN_CHARS = 300_000
MAX_SIDE_DIGITS = 4  # of a picture's width and height
_TAGS = {
    *("p", "div", "span", "br", "hr", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "center", "a", "img"),
    *("blockquote", "pre", "code", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"),
}
_DROPPED = {
    *("script", "style", "title", "head", "template", "noscript", "textarea", "select", "svg", "math", "iframe"),
    *("object", "embed", "audio", "video", "canvas"),
}
_CELL = {"colspan", "rowspan", "align", "valign"}
_ATTRIBUTES = {
    "img": {"src", "alt", "width", "height"},
    "td": _CELL,
    "th": _CELL,
    "ol": {"start"},
    "*": {"dir", "lang"},
}


@dataclass(frozen=True, slots=True)
class SafePage:
    """left_out: pictures that were not loaded because they lie elsewhere. cut: it was longer, or nested too deep."""

    html: str
    left_out: int = 0
    cut: bool = False


def safe_page(source: str, pictures: Mapping[str, str]) -> SafePage:
    """The mail's HTML without scripts, styles, forms and addresses. pictures: Content-ID -> where we serve it.

    Links lead nowhere. Never raises, linear in the length; nested over the cap it is blank: read its text.
    """
    shown = source[:MAX_SHOWN_CHARS].replace("\0", "")
    if nesting(shown) > MAX_NESTING:
        return SafePage("", cut=True)
    left_out = 0

    def kept(tag: str, name: str, value: str) -> str | None:
        nonlocal left_out
        if tag != "img" or name in ("alt", "loading"):
            return value
        if name != "src":
            return value if value.isascii() and value.isdigit() and len(value) <= MAX_SIDE_DIGITS else None
        scheme, _, id_ = value.strip().partition(":")
        found = pictures.get(unquote(id_)) if scheme.lower() == "cid" else None
        left_out += found is None
        return found

    clean = nh3.clean(
        shown,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        attribute_filter=kept,
        url_schemes={"cid", "http", "https"},  # so that the filter sees, counts and drops them
        link_rel=None,
        strip_comments=True,
        set_tag_attribute_values={"img": {"loading": "lazy"}},
    )
    return SafePage(clean, left_out, cut=len(source) > MAX_SHOWN_CHARS)
