"""What the expert gets to see: every statement with its evidence. Built from facts and events only; pure.

`build` gives the same bytes for the same events, journey snapshot and language; `casewright verify` relies on it.
The published shape is cases/decision_file.schema.json.
"""

from collections.abc import Sequence

import orjson

from cases import file_advice as advice
from cases import file_evidence as evidence
from cases.case import Case, Entry, fold
from cases.file_assistant import assistant
from cases.journey_folder import JourneyFolder
from cases.statements import Basis, Json

BUILDER = "2"  # raise it whenever the same events would give other bytes, and keep the old builder for verify


def build(folder: JourneyFolder, case_id: str, entries: Sequence[Entry], *, language: str) -> bytes:
    """The decision file after these events, as JSON bytes with sorted keys."""
    return build_of(folder, fold(case_id, entries), entries, language=language)


def build_of(folder: JourneyFolder, case: Case, entries: Sequence[Entry], *, language: str) -> bytes:
    """As build, for a case that is folded from these very events already."""
    return orjson.dumps(_document(Basis(folder, case, entries, language)), option=orjson.OPT_SORT_KEYS)


def _document(of: Basis) -> Json:
    case = of.case
    assisted = assistant(of)
    return {
        "builder": BUILDER,
        "reference": case.reference,
        "case_id": case.id,
        "journey": of.journey.name,
        "journey_digest": of.folder.digest,
        "journey_title": of.word(of.journey.title),
        "language": of.language,
        "built_on": case.version,
        "channel": case.channel,
        "status": case.status,
        "customer": {"name": case.sender_name, "sender": case.sender, "language": case.language or ""},
        "topic": advice.topic(of),
        "headline": advice.headline(of),
        "recommendation": advice.recommendation(of),
        "facts": evidence.facts(of),
        "missing": advice.missing(of),
        "registers": evidence.registers(of),
        "files": evidence.files(of),
        "similar": evidence.similar(of),
        "similar_amounts": evidence.similar_amounts(of),
        "options": evidence.options(of),
        "requests": evidence.requests(of),
        "messages": evidence.messages(of),
        "history": evidence.history(of),
        **({} if assisted is None else {"assistant": assisted}),
    }
