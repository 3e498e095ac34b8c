"""What a computer did in a case, in its customer's words. Pure."""

from cases.case import Case
from cases.journey_folder import JourneyFolder
from cases.vocabulary import Effect, FileKind


def automatic_key(case: Case) -> str:
    """Which sentence tells how automatic checks were used in this case."""
    if case.human_ever:
        return "checks.person_decided"
    if case.outcome is not None and case.step is not None and not case.step.shadow:
        return "checks.machine_closed"
    return "checks.machine_read"


def automatic_parts(folder: JourneyFolder, case: Case, language: str) -> tuple[str, ...]:
    """A sentence for each thing that a computer did by itself, in the order in which it did them."""
    answers = case.enriched.answers if case.enriched else ()
    did = (
        ("read", case.understood is not None),
        ("photos", any(file.kind is FileKind.PHOTO for file in case.files)),
        ("register", any(answer.found for answer in answers)),
        ("asked", any(letter.effect is Effect.ASK and not letter.approved_by for letter in case.letters)),
        ("wrote", any(letter.effect is not Effect.ASK and not letter.approved_by for letter in case.letters)),
    )
    return tuple(folder.say(language, f"checks.did.{key}") for key, happened in did if happened)
