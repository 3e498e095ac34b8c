"""The proof that the machine never refuses, and that it can fail: each guard taken out breaks it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from authority_model import Broken, walk

import cases.authority
from cases.authority import check

SOURCE = Path(cases.authority.__file__).read_text(encoding="utf-8")
#: One guard each: what stands in cases/authority.py, and what a careless hand would leave of it.
WEAKENED = {
    "an erased case takes nothing": ("if case.erased:", "if False:"),
    "a case is opened once": ("if case.version:", "if False:"),
    "a case begins with its opening": ("case _ if not case.version:", "case _ if False:"),
    "customers do not act for us": ('actor.type == "customer" and', "False and"),
    "a closed case is reopened first": ("case.status is Status.CLOSED and isinstance(event, _WHILE_OPEN)", "False"),
    "a decision does not reopen": ("case.status is Status.CLOSED and not case.awaits_audit", "False"),
    "only persons decide": ('actor.type != "person" or actor.name != by', 'actor.type != "person"'),
    "only the machine takes steps": ('if actor.type != "machine":', "if False:"),
    "danger goes to a person": ("(bool(case.dangers), ", "(False, "),
    "reopened goes to a person": ("(case.reopened, ", "(False, "),
    "a person stays in charge": ("(case.human_ever, ", "(False, "),
    "what is parked goes to a person": ("(bool(case.parked), ", "(False, "),
    "the last word is read": ("(not case.all_read, ", "(False, "),
    "a decision that waits stays in charge": ("(case.held_decision is not None, ", "(False, "),
    "one decision at a time": ("if case.held_decision is not None:", "if False:"),
    "letters are held by who signs": ('if actor != Actor("person", str(event.letter.approved_by)):', "if False:"),
    "no refusal is held alone": ("if event.letter.effect in (Effect.ADVERSE, Effect.GRANT):", "if False:"),
    "a closed case is asked nothing": ("if event.items and case.status is Status.CLOSED:", "if False:"),
    "only what is held leaves": ("if event.held not in {one.seq for one in case.held}:", "if False:"),
    "nobody takes back for another": (
        'isinstance(event, e.TakenBack) and event.by and actor != Actor("person", event.by)', "False",
    ),
    "closing needs a certificate": ("and event.certificate is None:", "and False:"),
    "closing needs a row": ("and Why.ROW not in event.because:", "and False:"),
    "approval is checked": ("if not decided and (actor.type", "if False and (actor.type"),
    "refusing needs a decision": ("if not decided and event.effect is Effect.ADVERSE:", "if False:"),
    "free words need a person": ("if event.free_text:", "if False:"),
    "the machine writes no refusal": (
        'raise NotAllowed("an adverse letter", "no person approved it")', "return",
    ),
    "the machine asks after its step": ('_needs_machine_step(case, "asking by letter", Step.REQUEST_INFO)', "return"),
    "the machine grants after its step": (
        '_needs_machine_step(case, "granting by letter", Step.AUTO_CLOSE, Step.APPOINT)', "return",
    ),
    "in danger a person writes": ("if event.letter != RECEIPT and (case.dangers or case.ties.danger):", "if False:"),
    "requests follow a step": (
        'if actor.type != "person":\n                _needs', 'if actor.type == "machine":\n                _needs',
    ),
    "orders follow a decision": ('_needs_decision(case, option, "an order", Step.AUTO_CLOSE)', "return"),
    "planning follows a decision": (
        '_needs_decision(case, option, "planning", Step.AUTO_CLOSE, Step.APPOINT)', "return",
    ),
    "closing follows a decision": ('_needs_decision(case, outcome, "closing", Step.AUTO_CLOSE)', "return"),
    "answers follow an order": ("if case.handover is None or case.handover.id != order:", "if False:"),
    "the very option was decided": ("if option != case.last_option:", "if False:"),
    "shadow steps do nothing": ("decided.shadow or ", ""),
    "another step is no such step": ("decided.step not in steps or ", ""),
    "an old step ends with a person": (" or case.human_ever:", ":"),
    "an old step ends with a word": ("if case.said_seq > case.step_seq:", "if False:"),
    "an old step ends with danger": ("if case.dangers or case.reopened or case.parked:", "if False:"),
}  # fmt: skip


def test_on_no_path_does_the_machine_refuse_close_or_ask_without_leave() -> None:
    states = walk(check)

    assert states > 5_000


@pytest.mark.parametrize("guard", WEAKENED)
def test_the_proof_fails_when_a_guard_is_taken_out(guard: str) -> None:
    was, instead = WEAKENED[guard]
    assert SOURCE.count(was) == 1

    with pytest.raises(Broken):
        walk(_check_of(SOURCE.replace(was, instead)))


def _check_of(source: str) -> Callable[..., None]:
    names: dict[str, Any] = {"__name__": "weakened"}
    exec(compile(source, "weakened", "exec"), names)
    weakened: Callable[..., None] = names["check"]
    return weakened
