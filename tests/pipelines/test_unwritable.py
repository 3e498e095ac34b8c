"""What a stage answers and the store refuses: charged to its own item, while the others of its batch stand."""

from collections.abc import Sequence

from cases import events as e
from cases.vocabulary import MACHINE
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.runner import advance
from pipelines.stages import STAGES
from pipelines.stages.work import Item, Outcome, follows
from tests.pipelines.given import Clock, by_form, case_of, kinds


def test_an_answer_that_cannot_be_written_is_charged_to_its_item_alone(house: House, clock: Clock) -> None:
    receipts = [by_form(house, f"Bericht {n} over mijn voorruit") for n in range(5)]
    advance(house, stages={Stage.READ: STAGES[Stage.READ]})
    culprit = case_of(house, receipts[3].reference).id

    def understands_one_badly(batch: Sequence[Item], there: House) -> list[Outcome]:
        unwritable = e.NoteAdded(text=None, by="machine")  # type: ignore[arg-type]
        good = STAGES[Stage.UNDERSTAND](batch, there)
        return [
            follows(item, [unwritable], actor=MACHINE) if item.claim.stream == culprit else outcome
            for item, outcome in zip(batch, good, strict=True)
        ]

    for _ in range(house.settings.attempts):
        advance(house, stages={Stage.UNDERSTAND: understands_one_badly})
        clock.forward(seconds=31)

    for receipt in receipts:
        bad = case_of(house, receipt.reference).id == culprit
        assert ("understood" in kinds(house, receipt.reference)) is not bad
        assert ("work_parked" in kinds(house, receipt.reference)) is bad
    with house.database.reading() as store:
        [parked] = [one for one in store.work.waiting() if one.parked_because]
        assert (parked.stream, parked.attempts) == (culprit, house.settings.attempts)
        assert store.verify_all() == []
