"""What the tables say of a case, apart from what stands around them."""

from builders import NOW, case, enriched, opened, said, shipped, sign, understood

from cases.steps import answered, next_step
from cases.vocabulary import Step, Why


def test_the_tables_answer_also_where_a_guard_stands_before_them() -> None:
    found = case(opened(), said(), understood(dangers=(sign(),)), enriched())

    verdict = answered(found, shipped())

    assert (verdict.fired, verdict.outputs["step"]) == (("R-110",), Step.REQUEST_INFO)
    assert next_step(found, shipped(), certificate=None, at=NOW).because == (Why.DANGER,)
