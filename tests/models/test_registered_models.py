import multiprocessing
import time
from pathlib import Path

import pytest

from models.errors import BadName, UnknownModel
from models.registry import (
    NothingBefore,
    current,
    environment_digest,
    find_or_train,
    history,
    list_models,
    promote,
    read_card,
    rollback,
)

FIRST, SECOND, THIRD = "a" * 64, "b" * 64, "c" * 64


def train(folder: Path) -> dict[str, object]:
    (folder / "weights").write_text("1 2 3", encoding="utf-8")
    return {"accuracy": 0.9}


def count_and_train(folder: Path) -> dict[str, object]:
    with (folder.parent.parent.parent / "trainings").open("a", encoding="utf-8") as file:
        file.write("x")
    time.sleep(0.2)
    return train(folder)


def start_training(root: Path) -> None:
    find_or_train(root, "text", "damage", FIRST, count_and_train)


def test_a_model_is_trained_once_for_the_same_content(tmp_path: Path) -> None:
    path = find_or_train(tmp_path, "text", "damage", FIRST, count_and_train)

    again = find_or_train(tmp_path, "text", "damage", FIRST, count_and_train)

    assert again == path == current(tmp_path, "text", "damage")
    assert (tmp_path / "trainings").read_text() == "x"
    assert read_card(path)["accuracy"] == 0.9
    assert read_card(path)["content_digest"] == FIRST
    assert read_card(path)["environment_digest"] == environment_digest()


def test_processes_that_start_at_once_train_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=start_training, args=(tmp_path,)) for _ in range(4)]

    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0] * 4
    assert (tmp_path / "trainings").read_text() == "x"


def test_a_training_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fails(folder: Path) -> dict[str, object]:
        train(folder)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        find_or_train(tmp_path, "text", "damage", FIRST, fails)

    assert list_models(tmp_path) == []
    assert find_or_train(tmp_path, "text", "damage", FIRST, train).is_dir()


def test_a_new_version_waits_until_it_is_promoted_and_can_be_rolled_back(tmp_path: Path) -> None:
    one, two, three = (find_or_train(tmp_path, "text", "damage", digest, train) for digest in (FIRST, SECOND, THIRD))
    assert current(tmp_path, "text", "damage") == one

    promote(tmp_path, "text", "damage", two.name)
    promote(tmp_path, "text", "damage", three.name)
    back = rollback(tmp_path, "text", "damage")

    assert back == two == current(tmp_path, "text", "damage")
    assert history(tmp_path, "text", "damage") == [one.name, two.name, three.name, two.name]
    assert [m.version for m in list_models(tmp_path) if m.is_current] == [two.name]
    assert len(list_models(tmp_path)) == 3


def test_rolling_back_twice_goes_back_two_versions(tmp_path: Path) -> None:
    one, two, three = (find_or_train(tmp_path, "text", "damage", digest, train) for digest in (FIRST, SECOND, THIRD))
    promote(tmp_path, "text", "damage", two.name)
    promote(tmp_path, "text", "damage", three.name)

    rollback(tmp_path, "text", "damage")

    assert rollback(tmp_path, "text", "damage") == one
    with pytest.raises(NothingBefore, match="promote another one"):
        rollback(tmp_path, "text", "damage")


def test_what_does_not_exist_is_named_with_what_does(tmp_path: Path) -> None:
    find_or_train(tmp_path, "text", "damage", FIRST, train)

    with pytest.raises(UnknownModel, match="known: text damage"):
        current(tmp_path, "text", "billing")
    with pytest.raises(UnknownModel, match=FIRST[:16]):
        promote(tmp_path, "text", "damage", "0123")


@pytest.mark.parametrize("name", ["../up", "", ".hidden", "Two Words", "a/b"])
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadName, match="use lower-case letters"):
        find_or_train(tmp_path, "text", name, FIRST, train)
