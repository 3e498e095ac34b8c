"""What computes on one thread, and what serving leaves unread."""

import subprocess
import sys

HEAVY = "sklearn scipy.stats scipy.optimize scipy.special joblib pandas"


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

    assert "scipy.stats" not in loaded_by(asked)
    assert "scipy.stats" in loaded_by(asked + "stats.beta.ppf(0.5, 1, 1)")


def test_the_guarantee_reads_its_statistics_only_when_it_certifies() -> None:
    assert loaded_by("from models.certify import draw_audit\ndraw_audit(b'k', 'case', 0.5)") == set()
    assert "scipy.stats" in loaded_by("from models.certify import needs\nassert needs(0.01, 0.05) == 299")
