"""One file a kind of help that a language model gives, each beside its twin that works without one."""

from collections.abc import Mapping

from cases.vocabulary import Help
from pipelines.assistant.helps import draft, facts, opinion, photos, question, summary, translation
from pipelines.assistant.spec import HelpSpec

SPECS: Mapping[Help, HelpSpec] = {
    spec.task: spec
    for spec in (facts.SPEC, opinion.SPEC, translation.SPEC, photos.SPEC, draft.SPEC, summary.SPEC, question.SPEC)
}
