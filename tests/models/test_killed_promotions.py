"""A process that is killed while it promotes leaves one valid pointer, and nobody waits for its lock."""

import multiprocessing
import os
import random
import signal
import time
from itertools import cycle
from pathlib import Path

from models.registry import (
    before_current,
    challenger,
    current,
    find_or_train,
    let_wait,
    list_models,
    promote,
    rollback,
    serving,
    stamp,
)

FIRST, SECOND = "a" * 64, "b" * 64


def train(folder: Path) -> dict[str, object]:
    (folder / "weights").write_text("1 2 3", encoding="utf-8")
    return {"accuracy": 0.9}


def promote_for_ever(root: Path, names: tuple[str, str]) -> None:
    for name in cycle(names):
        promote(root, "text", "damage", name)


def test_a_kill_in_the_midst_of_promotions_leaves_one_version_serving(tmp_path: Path) -> None:
    one, two = (find_or_train(tmp_path, "text", "damage", digest, train) for digest in (FIRST, SECOND))
    context, dice = multiprocessing.get_context("fork"), random.Random(4)

    for _ in range(20):
        before = stamp(tmp_path, "text", "damage")
        process = context.Process(target=promote_for_ever, args=(tmp_path, (two.name, one.name)))
        process.start()
        while stamp(tmp_path, "text", "damage") == before:
            time.sleep(0.001)
        time.sleep(dice.random() * 0.02)
        os.kill(int(process.pid or 0), signal.SIGKILL)
        process.join()

        assert current(tmp_path, "text", "damage") in {one, two}
        assert [m.version for m in list_models(tmp_path) if m.is_current] == [serving(tmp_path, "text", "damage")]

    promote(tmp_path, "text", "damage", one.name)
    promote(tmp_path, "text", "damage", two.name)
    assert rollback(tmp_path, "text", "damage") == one


def test_a_challenger_waits_without_serving_until_it_is_promoted(tmp_path: Path) -> None:
    one, two = (find_or_train(tmp_path, "text", "damage", digest, train) for digest in (FIRST, SECOND))

    let_wait(tmp_path, "text", "damage", two.name)

    assert current(tmp_path, "text", "damage") == one
    assert challenger(tmp_path, "text", "damage") == two
    assert [m.version for m in list_models(tmp_path) if m.is_challenger] == [two.name]
    promote(tmp_path, "text", "damage", two.name)
    assert challenger(tmp_path, "text", "damage") is None
    assert before_current(tmp_path, "text", "damage") == one.name
