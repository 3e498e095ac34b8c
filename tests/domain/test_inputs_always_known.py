from builders import shipped

from cases.inputs import always_known


def test_counts_and_whether_a_register_knows_somebody_are_never_missing() -> None:
    table = shipped("motor_claim").tables["next_step"]

    assert always_known(table) == ("known", "photos", "asked", "contradictions")
