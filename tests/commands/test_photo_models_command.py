from pathlib import Path

import pytest
from command_line import lines, run
from PIL import Image

from api.commands import models
from cases import events as e
from models import registry
from pipelines.demo.draw import draw
from pipelines.photo_models import PhotoModels
from pipelines.wiring import opened
from tests.homes import settings

SCENES = {"star": "windscreen_star", "scratch": "door_scratch", "oos": "mouse"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six drawn photos of two topics, and four of something else."""
    folder = tmp_path_factory.mktemp("photos")
    rows = ["path,label"]
    for label, scene in SCENES.items():
        for seed in range(4 if label == "oos" else 6):
            draw(scene, seed).resize((320, 240)).save(folder / f"{scene}{seed}.jpg", quality=80)
            rows.append(f"{scene}{seed}.jpg,{label}")
    (folder / "photos.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder / "photos.csv"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A home in which a photo model named glass was trained."""
    place = tmp_path_factory.mktemp("home") / "home"
    (report,) = lines(
        run(models.app, "train", "--kind", "photo", "--name", "glass", "--data", data, "--json", home=place)
    )
    assert report["n"] == 12
    assert {"accuracy", "macro_f1", "ece", "oos_auroc", "coverage_at", "accuracy_at_coverage", "per_class"} <= set(
        report
    )
    return place


def test_a_trained_photo_model_serves_and_is_measured_on_any_such_file(home: Path, data: Path) -> None:
    (listed,) = lines(run(models.app, "list", "--json", home=home))
    (report,) = lines(
        run(models.app, "evaluate", "--kind", "photo", "--name", "glass", "--data", data, "--json", home=home)
    )

    assert (listed["kind"], listed["name"], listed["serves"]) == ("photo", "glass", True)
    assert (report["version"], report["n"]) == (listed["version"], 12)
    assert set(report["per_class"]) == {"scratch", "star"}


def test_predictions_come_row_by_row_and_need_no_labels(home: Path, data: Path, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.csv"
    wanted.write_text(f"path\n{data.parent / 'door_scratch1.jpg'}\n{data.parent / 'windscreen_star2.jpg'}\n")

    told = lines(
        run(models.app, "predict", "--kind", "photo", "--name", "glass", "--data", wanted, "--json", home=home)
    )
    shown = run(models.app, "predict", "--kind", "photo", "--name", "glass", "--data", wanted, home=home)

    assert [one["label"] for one in told] == ["scratch", "star"]
    assert set(told[0]) == {"label", "confidence", "scope", "abstains", "top"}
    assert told[0]["top"][0] == ["scratch", told[0]["confidence"]]
    assert "scratch" in shown.stdout


def test_a_journeys_photo_model_is_found_by_its_name_and_noted_once(data: Path, tmp_path: Path) -> None:
    chosen = settings(tmp_path / "home")
    with opened(chosen) as house:
        journey = house.journeys.names()[0]
    before = PhotoModels(chosen.model_root).of(journey)

    arguments = ("train", "--kind", "photo", "--journey", journey, "--data", data, "--json")
    (report,) = lines(run(models.app, *arguments, home=tmp_path / "home"))
    run(models.app, *arguments, home=tmp_path / "home")
    serving = PhotoModels(chosen.model_root).of(journey)

    with opened(chosen) as house, house.database.reading() as store:
        noted = [x.event for x in store.history("models") if isinstance(x.event, e.ModelTrained)]
    assert before is None
    assert serving is not None
    assert serving.predict([draw("door_scratch", 1).resize((320, 240))])[0].label == "scratch"
    assert [(event.model, event.version) for event in noted] == [(f"photo/{journey}", report["version"])]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            "star0.jpg,star\nnotes.jpg,star",
            "bad.csv, line 3: notes.jpg cannot be used as a photo: not_a_photo; give a JPEG",
        ),
        (
            "star0.jpg,star\nsmall.png,star",
            "line 3: small.png cannot be used as a photo: too_small; give one of at least",
        ),
        ("star0.jpg,star\ncut.jpg,star", "line 3: cut.jpg cannot be used as a photo: truncated; replace the photo"),
        ("star0.jpg,star\ngone.jpg,star", "line 3: there is no photo"),
        ("star0.jpg,star\nstar0.jpg,scratch", "line 3: the photo of line 2 again, there 'star' and here 'scratch'"),
        ("star0.jpg,star\nstar0.jpg,", "line 3: the label is empty"),
        ("star0.jpg,star\nstar0.jpg,star\nstar0.jpg,star", "different photos per label are star: 1"),
    ],
)
def test_a_bad_photo_is_refused_with_its_row_and_nothing_is_registered(tmp_path: Path, rows: str, told: str) -> None:
    photo = draw("windscreen_star", 0).resize((320, 240))
    photo.save(tmp_path / "star0.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "star0.jpg").read_bytes()[:3000])
    (tmp_path / "notes.jpg").write_text("no photo", encoding="utf-8")
    Image.new("RGB", (40, 40)).save(tmp_path / "small.png")
    file = tmp_path / "bad.csv"
    file.write_text(f"path,label\n{rows}\n", encoding="utf-8")
    home = tmp_path / "home"

    refused = run(models.app, "train", "--kind", "photo", "--name", "bad", "--data", file, home=home)

    assert refused.exit_code == 2
    assert told in refused.stderr
    assert registry.list_models(home / "models") == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["train", "--kind", "photo", "--name", "x"], "--data is missing; give a CSV path,label"),
        (["predict", "--kind", "photo", "--name", "nobody", "--data", "DATA"], "there is no photo model nobody"),
        (["train", "--kind", "photo", "--journey", "nowhere", "--data", "DATA"], "there is no journey 'nowhere'"),
        (["evaluate", "--kind", "photo", "--data", "DATA"], "give either --journey"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_mend(tmp_path: Path, data: Path, arguments: list[str], told: str) -> None:
    filled = [str(data) if one == "DATA" else one for one in arguments]

    refused = run(models.app, *filled, home=tmp_path / "home")

    assert refused.exit_code == 2
    assert told in refused.stderr
