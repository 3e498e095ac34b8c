"""Asks a language model behind any OpenAI-compatible endpoint: one answer, whole and in time, or none.

What people wrote goes to that endpoint only: LangSmith's tracing stays off whatever the environment says, redirects
are not followed, and proxies of the environment are not used. Nothing is logged.
"""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from urllib.parse import urlsplit

from cases.vocabulary import Help
from configs.settings import Settings
from pipelines.ports import Answer, LanguageModel, Question
from pipelines.usable import SettingsRefused, Unusable

_EXTRA = ("langchain", "langchain_openai", "openai")


def open_llm(settings: Settings) -> LanguageModel | None:
    """None where no endpoint is set. Nothing is asked of it. Raises SettingsRefused."""
    if settings.llm_url is None:
        return None
    if found := list(unusable_llm(settings)):
        raise SettingsRefused(found)
    return OpenAiCompatible(settings)


def unusable_llm(settings: Settings) -> Iterator[Unusable]:
    """Nothing where no endpoint is set."""
    if settings.llm_url is None:
        return
    if not _is_address(settings.llm_url):
        yield Unusable("llm_url", "it is no address of a language model",
                       "write https://host/v1, and what it wants as a password in CASEWRIGHT_LLM_KEY")  # fmt: skip
    if not settings.llm_model.strip():
        yield Unusable("llm_model", "it names no model", "write the name by which the endpoint calls it")
    if unknown := sorted(set(settings.llm_models) - set(Help)):
        yield Unusable("llm_models", f"there is no help called {', '.join(unknown)}",
                       f"write the names of helps: {', '.join(Help)}")  # fmt: skip
    if not all(map(find_spec, _EXTRA)):
        yield Unusable("llm_url", "what asks a language model is not installed",
                       "pip install casewright[llm], or leave this unset")  # fmt: skip


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return fits and "@" not in parts.netloc and not parts.query and not parts.fragment


class OpenAiCompatible:
    """Safe to use from several threads. Keeps no connection between questions."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def ask(self, question: Question, *, heard: Callable[[str], object] | None = None) -> Answer:
        """Raises NoAnswer. heard: starts again from "" when an answer broke off and is asked for once more.

        Tried again, while time and tries are left: what may go better then (connections, 408, 409, 429, 5xx, answers
        that broke off or were garbage); never what was refused, declined, too long or no JSON object.
        """
        from pipelines.llm_chat import Endpoint, ask  # noqa: PLC0415  # two seconds to load, not installed everywhere

        one = self._settings
        endpoint = Endpoint(
            one.llm_url or "", one.llm_key, seconds=one.llm_seconds, tries=one.llm_tries, streams=one.llm_streams
        )
        return ask(question, endpoint, heard)
