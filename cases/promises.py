"""By when the customer hears from us, in working hours and working days of the organisation. Pure."""

from datetime import datetime, timedelta
from typing import assert_never

from cases import calendar
from cases.case import ESCALATE, NEED_MORE
from cases.journey_spec import Journey
from cases.vocabulary import Step


def after_step(step: Step, journey: Journey, *, at: datetime, urgent: bool) -> datetime:
    """The promise that goes with a step; a case with danger in it is answered as fast as a first response."""
    promises, open_hours = journey.promises, journey.calendar
    match step:
        case Step.AUTO_CLOSE:
            return calendar.after_hours(at, promises.first_response_hours, open_hours)
        case Step.REQUEST_INFO:
            return calendar.after_days(at + timedelta(days=promises.answer_days), 1, open_hours)
        case Step.APPOINT:
            return calendar.after_days(at, promises.visit_days, open_hours)
        case Step.EXPERT | Step.ROUTE:
            if urgent:
                return calendar.after_hours(at, promises.first_response_hours, open_hours)
            return calendar.after_days(at, promises.decision_days, open_hours)
        case _:  # pragma: no cover  # the type check proves it
            assert_never(step)


def after_choice(choice: str, journey: Journey, *, at: datetime) -> datetime:
    """The promise that goes with a person's choice: what the same step of the machine would promise."""
    match choice:
        case _ if choice == NEED_MORE:
            step = Step.REQUEST_INFO
        case _ if choice == ESCALATE:
            step = Step.EXPERT
        case _ if journey.options[choice].third_party:
            step = Step.APPOINT
        case _:
            step = Step.AUTO_CLOSE
    return after_step(step, journey, at=at, urgent=False)
