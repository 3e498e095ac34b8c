"""What computes on one thread, and what serving leaves unread."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.fitting import TrainingRows, fit_text
from models.text import digest_of

HEAVY = "sklearn scipy joblib pandas"


@pytest.fixture(scope="module")
def trained_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model without embeddings, on disk."""
    folder = tmp_path_factory.mktemp("model")
    texts = [f"{what} {i}" for i in range(30) for what in ("the tap drips all day", "the door does not lock")]
    labels = ["water", "lock"] * 30
    ids = [str(i) for i in range(60)]
    rows = TrainingRows(texts, labels, ids, ids)
    fit_text(rows, name="small", embedder=None).save(folder)
    return folder


def loaded_by(code: str) -> set[str]:
    """The heavy libraries that a fresh interpreter holds after this."""
    told = f"{code}\nimport sys\nprint(*(set({HEAVY.split()!r}) & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_one_thread_holds_for_libraries_that_are_loaded_later() -> None:
    code = """
from models.threads import one_thread
with one_thread():
    pass
import scipy.linalg
from threadpoolctl import threadpool_info
with one_thread():
    print(sorted({(one["internal_api"], one["num_threads"]) for one in threadpool_info()}))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[('openblas', 1)]"


def test_a_module_that_comes_later_is_read_when_something_of_it_is_asked_for() -> None:
    asked = 'from models.later import Later\nstats = Later("scipy.stats")\n'

    assert loaded_by(asked) == set()
    assert loaded_by(asked + "stats.beta.ppf(0.5, 1, 1)") == {"scipy"}


def test_the_guarantee_reads_its_statistics_only_when_it_certifies() -> None:
    assert loaded_by("from models.certify import draw_audit\ndraw_audit(b'k', 'case', 0.5)") == set()
    assert "scipy" in loaded_by("from models.certify import needs\nassert needs(0.01, 0.05) == 299")


def test_predicting_reads_none_of_what_training_needs(trained_text: Path) -> None:
    told = f"""
from pathlib import Path
from models.text import TextModel
model = TextModel.load(Path({str(trained_text)!r}), sha256={digest_of(trained_text)!r})
assert model.predict(["the tap drips and drips"])[0].label
"""

    assert loaded_by(told) == set()
