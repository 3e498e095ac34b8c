import csv
from pathlib import Path

import pytest
from command_line import lines, run
from scipy.stats import binom

from api.commands import journeys, models
from cases import events as e
from models import registry
from pipelines.journeys import load_journeys
from pipelines.text_models import TextModels
from pipelines.wiring import opened
from tests.homes import settings

LABELS = {
    "Refund_not_showing_up": "refund missing on my statement since {n} days, where is the money",
    "reverted_card_payment?": "card payment {n} was reverted by the shop and came back to me",
    "lost_card": "I lost my bank card near platform {n}, please block it",
}
NAMES = ("Ada", "Ben", "Cas", "Dot", "Eva", "Fay", "Gus", "Hal")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "bank.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "label"])
        for label, text in LABELS.items():
            writer.writerows([f"{name} here: {text.format(n=n)}", label] for n, name in enumerate(NAMES, start=2))
    return file


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A folder with the journey `bank`, made from the data."""
    folder = tmp_path_factory.mktemp("mine")
    run(journeys.app, "new", "bank", "--out", folder, "--data", data, home=folder)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A home in which a model named bank was trained on the data."""
    place = tmp_path_factory.mktemp("home") / "home"
    (report,) = lines(
        run(models.app, "train", "--kind", "text", "--name", "bank", "--data", data, "--json", home=place)
    )
    assert report["n"] == len(LABELS) * len(NAMES)
    return place


def test_training_by_name_needs_no_house_and_reports_on_unseen_groups(home: Path) -> None:
    (listed,) = lines(run(models.app, "list", "--json", home=home))

    assert [path.name for path in home.iterdir()] == ["models"]
    assert (listed["name"], listed["serves"]) == ("bank", True)
    assert "every example judged once" in listed["method"]


def test_the_report_has_the_promised_keys(home: Path, data: Path) -> None:
    (report,) = lines(run(models.app, "train", "--name", "bank", "--data", data, "--json", home=home))

    assert {
        "name",
        "version",
        "n",
        "accuracy",
        "macro_f1",
        "ece",
        "coverage_at",
        "accuracy_at_coverage",
        "per_class",
    } <= (set(report))
    assert "0.01" in report["coverage_at"]
    assert "0.3" in report["accuracy_at_coverage"]
    assert "oos_auroc" not in report
    assert report["version"] == registry.current(home / "models", "text", "bank").name


def test_training_names_a_row_whose_label_is_probably_wrong_with_what_it_should_be(tmp_path: Path, data: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    rows = data.read_text(encoding="utf-8")
    more = "".join(f"{name} lost a bank card near platform {n}0 please block it,lost_card\n"
                   for n, name in enumerate(NAMES))  # fmt: skip
    wrong.write_text(f"{rows}{more}Ike lost the bank card at platform 99 please block it,reverted_card_payment?\n")
    bad = f"wrong.csv:{len(LABELS) * len(NAMES) + len(NAMES) + 2}"

    told = run(models.app, "train", "--name", "wrong", "--data", wrong, home=tmp_path / "home").stdout
    (report,) = lines(run(models.app, "train", "--name", "wrong", "--data", wrong, "--json", home=tmp_path / "home"))

    [found] = [one for one in report["label_noise"]["worst"] if one["id"] == bad]
    assert (found["given"], found["likely"]) == ("reverted_card_payment?", "lost_card")
    assert found["score"] < 0.05
    assert "probably wrong" in told
    assert bad in told


def test_a_file_with_the_original_labels_is_measured_by_name_and_by_journey(
    home: Path, mine: Path, data: Path, tmp_path: Path
) -> None:
    (by_name,) = lines(run(models.app, "evaluate", "--name", "bank", "--data", data, "--json", home=home))
    (by_journey,) = lines(
        run(models.app, "evaluate", "--journey", "bank", "--data", data, "--json", home=home, journeys=mine)
    )
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("text,label\nhello,pizza\nI lost my card,Lost Card\n", encoding="utf-8")
    (partly,) = lines(run(models.app, "evaluate", "--name", "bank", "--data", foreign, "--json", home=home))

    assert by_name["accuracy"] == by_journey["accuracy"] == 1.0
    assert set(by_name["per_class"]) == set(LABELS)
    assert "refund_not_showing_up" in by_journey["per_class"]
    assert (partly["accuracy"], partly["unknown_labels"]) == (0.5, ["pizza"])


def test_a_journey_serves_the_model_that_was_trained_on_its_own_examples_by_name(home: Path, mine: Path) -> None:
    chosen = settings(home, journeys=(mine,))
    texts = TextModels(chosen.model_root, load_journeys(chosen))

    labels = texts.of("bank").labels

    assert set(labels) == {"refund_not_showing_up", "reverted_card_payment", "lost_card"}
    assert len([one for one in registry.list_models(chosen.model_root) if one.name == "bank"]) == 1


def test_predictions_come_row_by_row_in_the_spelling_of_the_file(home: Path, data: Path, tmp_path: Path) -> None:
    told = lines(run(models.app, "predict", "--name", "bank", "--data", data, "--json", home=home))
    unlabelled = tmp_path / "texts.csv"
    unlabelled.write_text("text\nI lost my bank card and want it blocked\n", encoding="utf-8")

    (one,) = lines(run(models.app, "predict", "--name", "bank", "--data", unlabelled, "--json", home=home))

    truth = [row["label"] for row in csv.DictReader(data.open(encoding="utf-8"))]
    assert [row["label"] for row in told] == truth
    assert {row["scope"] for row in told} <= {"in", "out"}
    assert all(0 <= row["confidence"] <= 1 and row["top"][0][0] == row["label"] for row in told)
    assert one["label"] == "lost_card"


def test_training_for_a_journey_is_noted_once_and_stands_until_its_examples_change(
    mine: Path, data: Path, tmp_path: Path
) -> None:
    fewer = tmp_path / "fewer.csv"
    fewer.write_text("".join(data.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    arguments = ("train", "--journey", "bank", "--data", fewer, "--json")

    (report,) = lines(run(models.app, *arguments, home=tmp_path / "home", journeys=mine))
    run(models.app, *arguments, home=tmp_path / "home", journeys=mine)

    chosen = settings(tmp_path / "home", journeys=(mine,))
    with opened(chosen) as house:
        house.texts.of("bank")
        with house.database.reading() as store:
            noted = [x.event for x in store.history("models") if isinstance(x.event, e.ModelTrained)]
    assert [(event.model, event.version) for event in noted] == [("text/bank", report["version"])]
    assert [one.version for one in registry.list_models(chosen.model_root)] == [report["version"]]


def test_labels_that_are_no_topics_of_the_journey_are_refused_with_their_line(mine: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("text,label\nI lost my card,Lost Card\nhello,pizza\nbye,pizza\n", encoding="utf-8")

    refused = run(models.app, "train", "--journey", "bank", "--data", foreign, home=tmp_path, journeys=mine)

    assert refused.exit_code == 2
    assert "foreign.csv:3 label: 'pizza' is no topic of the journey (2 rows)" in refused.stderr
    assert "Lost Card" not in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["predict", "--name", "nobody", "--data", "DATA"], "there is no text model nobody"),
        (["evaluate", "--journey", "banc", "--data", "DATA"], 'did you mean "bank"?'),
        (["evaluate", "--data", "DATA"], "give either --journey"),
        (["evaluate", "--name", "a", "--journey", "b", "--data", "DATA"], "give either --journey"),
        (["train", "--name", "bank"], "--data is missing"),
        (["train", "--name", "Not A Name", "--data", "DATA"], "cannot be the name of a model"),
        (["promote", "bank", "0123"], "there is no version 0123 of text model bank"),
        (["rollback", "nobody"], "no earlier version"),
        (["certify", "--journey", "banc"], 'did you mean "bank"?'),
    ],
)
def test_what_cannot_be_done_is_said_with_the_mend(
    tmp_path: Path, mine: Path, data: Path, arguments: list[str], told: str
) -> None:
    filled = [str(data) if one == "DATA" else one for one in arguments]

    refused = run(models.app, *filled, home=tmp_path, journeys=mine)

    assert refused.exit_code == 2
    assert told in refused.stderr


def test_versions_are_promoted_and_rolled_back(tmp_path: Path, data: Path) -> None:
    fewer = tmp_path / "fewer.csv"
    fewer.write_text("".join(data.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    (first,) = lines(run(models.app, "train", "--name", "m", "--data", data, "--json", home=tmp_path))
    (second,) = lines(run(models.app, "train", "--name", "m", "--data", fewer, "--json", home=tmp_path))

    def serving() -> str:
        return next(row["version"] for row in lines(run(models.app, "list", "--json", home=tmp_path)) if row["serves"])

    seen = [serving()]
    for arguments in (["rollback", "m"], ["promote", "m", second["version"]]):
        run(models.app, *arguments, home=tmp_path)
        seen.append(serving())

    assert seen == [second["version"], first["version"], second["version"]]


def test_scores_are_certified_without_a_house(tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    rows = [f"sure,{0.5 + n / 2000},0,c{n}" for n in range(900)] + [f"poor,0.9,{n % 2},d{n}" for n in range(60)]
    scores.write_text("topic,score,wrong,group\n" + "\n".join(rows), encoding="utf-8")

    poor, sure = lines(
        run(models.app, "certify", "--scores", scores, "--alpha", 0.01, "--delta", 0.05, "--json", home=tmp_path)
    )
    shown = run(models.app, "certify", "--scores", scores, home=tmp_path)

    assert set(sure) >= {"topic", "n", "tau", "k", "n_above", "upper", "certified", "needs"}
    assert (sure["certified"], sure["needs"], sure["n"], sure["k"]) == (True, 0, 900, 0)
    assert sure["upper"] <= 0.01
    assert not poor["certified"]
    assert binom.cdf(poor["k"], poor["n_above"] + poor["needs"], 0.01) <= poor["delta"]
    assert f"{poor['needs']} more" in shown.stdout
    assert list(tmp_path.iterdir()) == [scores]


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("topic,score,wrong\na,high,0\n", [], "scores.csv, line 2: score is 'high'"),
        ("topic,score\na,1\n", [], "column wrong is missing"),
        ("topic,score,wrong\na,1,0\n", ["--alpha", "0.5"], "--alpha is 0.5"),
        ("topic,score,wrong\na,1,0\n", ["--delta", "1"], "--delta is 1.0"),
    ],
)
def test_bad_scores_and_levels_are_refused(tmp_path: Path, text: str, options: list[str], told: str) -> None:
    scores = tmp_path / "scores.csv"
    scores.write_text(text, encoding="utf-8")

    refused = run(models.app, "certify", "--scores", scores, *options, home=tmp_path)

    assert refused.exit_code == 2
    assert told in refused.stderr


def test_a_journey_that_closes_nothing_has_nothing_to_certify(mine: Path, tmp_path: Path) -> None:
    certified = run(models.app, "certify", "--journey", "bank", "--json", home=tmp_path, journeys=mine)

    assert lines(certified) == []
