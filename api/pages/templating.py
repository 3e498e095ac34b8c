"""Templates with their words: every sentence of a page comes from configs/words, in the reader's language."""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.journeys import WORDS, load_words

HERE = Path(__file__).parent.parent
STATIC = HERE / "static"
#: From these shares on a bar shows as sure, and as middling; below it is low.
SURE, MIDDLING = 0.8, 0.6


class Pages:
    """The templates, compiled once. `words`: language -> key -> sentence."""

    def __init__(self, words: Mapping[str, Mapping[str, str]], *, desk_language: str) -> None:
        self.words = words
        self.desk_language = desk_language
        self._versions = {path: _version(path) for path in _files(STATIC)}
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(percent=percent, bar_class=bar_class, initials=initials, dial=dial)
        self._templates.globals.update(static=self.static, static_plain=static_plain)

    def say(self, language: str, key: str, /, **parts: object) -> str:
        """The sentence in this language, else in English, else the key, so that nothing is ever blank."""
        sentence = self.words.get(language, {}).get(key) or self.words["en"].get(key, key)
        return sentence.format_map(parts) if parts else sentence

    def desk_say(self) -> Callable[..., str]:
        return partial(self.say, self.desk_language)

    def html(self, template: str, *, language: str, **shown: Any) -> str:
        return self._templates.get_template(template).render(
            language=language, say=partial(self.say, language), **shown
        )

    def page(
        self,
        template: str,
        *,
        language: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **shown: Any,
    ) -> HTMLResponse:
        spoken = language if language is not None and language in self.words else self.desk_language
        return HTMLResponse(self.html(template, language=spoken, **shown), status, headers=headers)

    def error(self, request: Request, status: int, *, headers: Mapping[str, str] | None = None) -> HTMLResponse:
        """A plain page that says what is wrong; customers read it in the language of their browser."""
        customers = request.url.path.startswith(("/t", "/report"))
        language = self.preferred(request) if customers else self.desk_language
        known = f"error.{status}.title" in self.words["en"]
        title = self.say(language, f"error.{status}.title" if known else "error.500.title")
        text = f"error.{status}.text"
        detail = self.say(language, text) if text in self.words["en"] else ""
        return self.page(
            "error.html", language=language, status=status, headers=headers, code=status, title=title, detail=detail
        )

    def preferred(self, request: Request) -> str:
        """?lang=, else the first language of the browser that we speak, else English."""
        accepted = re.findall(r"\b([a-z]{2})\b(?!\s*=)", request.headers.get("accept-language", "").lower()[:200])
        wanted = [request.query_params.get("lang", ""), *accepted]
        return next((language for language in wanted if language in self.words), "en")

    def static(self, path: str) -> str:
        """Address with the file's digest in it: may be kept for ever."""
        return f"/static/{path}?v={self._versions[path]}"


def pages_of(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def open_pages(desk_language: str) -> Pages:
    """Pages with the words of every language there is a file for."""
    languages = sorted(path.stem for path in WORDS.glob("??.yaml"))
    return Pages(load_words(languages), desk_language=desk_language)


def static_plain(path: str) -> str:
    """Address as style sheets and sprites name it, so that nothing is loaded twice."""
    return f"/static/{path}"


def _files(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]


def _version(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def percent(share: float) -> int:
    """Whole percents, 0..100; never 100 for what is not certain."""
    whole = round(float(share) * 100)
    return 99 if whole == 100 and share < 1 else max(0, min(100, whole))  # noqa: PLR2004  # per cent


def bar_class(share: float) -> str:
    return "" if share >= SURE else "mid" if share >= MIDDLING else "low"


def initials(name: str) -> str:
    """At most two letters of a name or address."""
    words = re.findall(r"[^\W\d_]+", name.partition("@")[0])
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "•"


def dial(phone: str) -> str:
    """As tel: links write it."""
    return re.sub(r"[^\d+]", "", phone)
