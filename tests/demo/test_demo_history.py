from collections import Counter
from pathlib import Path

import pytest

from configs.settings import Settings
from pipelines.demo.simulated import DECIDED_BY, LAST, NoSuchEntry, read_blocks, simulated_history
from pipelines.history import HistoryLine
from pipelines.journeys import Journeys, load_journeys
from pipelines.reading.danger import find_danger
from pipelines.reading.facts import FactReader, read_facts
from pipelines.registers import CsvRegisters

CERTIFIED = {"windscreen": "repair_glass", "drain_blocked": "order_drain_service", "praise": "thank"}


@pytest.fixture(scope="module")
def journeys() -> Journeys:
    return load_journeys(Settings())


@pytest.fixture(scope="module")
def lines(journeys: Journeys) -> list[HistoryLine]:
    return list(simulated_history(journeys, seed=7))


def test_the_same_seed_gives_the_same_lines_and_another_gives_others(
    journeys: Journeys, lines: list[HistoryLine]
) -> None:
    assert lines == list(simulated_history(journeys, seed=7))
    assert lines != list(simulated_history(journeys, seed=8))


def test_every_line_says_that_it_is_simulated_and_was_decided_in_time(lines: list[HistoryLine]) -> None:
    for line in lines:
        assert line.simulated
        assert line.decided_by == DECIDED_BY
        assert line.received_at < line.decided_at < LAST


def test_no_customer_and_no_id_comes_twice(lines: list[HistoryLine]) -> None:
    assert len({line.customer for line in lines}) == len(lines)
    assert len({(line.journey, line.id) for line in lines}) == len(lines)


def test_every_outcome_is_an_option_of_its_topic(journeys: Journeys, lines: list[HistoryLine]) -> None:
    for line in lines:
        option = journeys.get(line.journey).journey.options[line.outcome]

        assert not option.topics or line.topic in option.topics, line.id


def test_every_topic_has_past_cases_and_most_have_ended_in_more_than_one_way(
    journeys: Journeys, lines: list[HistoryLine]
) -> None:
    for name, folder in journeys.folders.items():
        for topic in folder.journey.topics:
            ended = Counter(line.outcome for line in lines if (line.journey, line.topic) == (name, topic))

            assert ended.total() >= 12, topic
            assert len(ended) >= 2, topic


def test_certified_topics_have_blind_lines_that_are_nearly_all_right(lines: list[HistoryLine]) -> None:
    whole = 0
    for topic, right in CERTIFIED.items():
        blind = [line for line in lines if line.topic == topic and line.blind]
        wrong = sum(line.outcome != right for line in blind)
        whole += len(blind)

        assert len(blind) >= 250
        assert 0 < wrong / len(blind) <= 0.02

    assert whole <= 1100


def test_numbers_in_the_facts_are_known_to_the_registers(journeys: Journeys, lines: list[HistoryLine]) -> None:
    registers = CsvRegisters(Settings().registers)
    for line in lines:
        for fact, value in line.facts.items():
            specs = journeys.get(line.journey).journey.registers.items()

            assert any(
                registers.look_up(name, column=spec.keys[fact], value=value)
                for name, spec in specs
                if fact in spec.keys
            )


def test_texts_hold_no_danger_and_nothing_that_contradicts_their_facts(
    journeys: Journeys, lines: list[HistoryLine]
) -> None:
    for line in lines:
        specs = journeys.get(line.journey).journey.facts.items()
        readers = {
            name: FactReader(spec.reader, pattern=spec.pattern, near=spec.near)
            for name, spec in specs
            if spec.reader != "none"
        }
        read = read_facts(line.text, language=str(line.language), now=line.received_at.date(), readers=readers)

        assert not find_danger(line.text), line.text
        assert not [name for name in line.facts if read[name]], line.text


def test_texts_are_varied(lines: list[HistoryLine]) -> None:
    assert len({line.text for line in lines}) > 0.95 * len(lines)


def test_a_register_that_knows_nobody_is_named(journeys: Journeys, tmp_path: Path) -> None:
    for name in ("policy", "tenant", "order"):
        (tmp_path / f"{name}.csv").write_text("plate\n", encoding="utf-8")

    with pytest.raises(NoSuchEntry, match="'policy'"):
        list(simulated_history(journeys, seed=7, registers=tmp_path))


def test_every_topic_of_the_journeys_is_simulated(journeys: Journeys) -> None:
    blocks = read_blocks()

    assert set(blocks.journeys) <= set(journeys.folders)
    for name, topics in blocks.journeys.items():
        assert set(topics) == set(journeys.get(name).journey.topics)
