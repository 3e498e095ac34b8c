"""A message becomes a decided case on a machine that reaches nobody: no cloud, no language model, no host at all."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipelines.given import FORM, WINDSCREEN, form, photo

ALONE = ("unshare", "--map-root-user", "--net")
SCRIPT = """
import socket, sys
from pathlib import Path
from cases.case import fold
from configs.settings import Settings
from pipelines.intake import Incoming, accept
from pipelines.runner import drain
from pipelines.wiring import opened
from tests.homes import settings

try:
    socket.create_connection(("127.0.0.1", 9), timeout=2)
except OSError as error:
    print(type(error).__name__, error.errno)
with opened(settings(Path(sys.argv[1]), models=Path(sys.argv[2]))) as house:
    kind, raw = sys.argv[3], Path(sys.argv[4]).read_bytes()
    accepted = accept(Incoming(kind, raw, "webform", "anonymous", house.now()), house=house)
    drain(house)
    with house.database.reading() as store:
        case_id = store.case_id(accepted.reference)
        case = fold(case_id, store.history(case_id))
    print(case.step.step, case.step.topic, "by a person" if case.package is not None else "", house.assistant)
"""


def can_be_cut_off() -> bool:
    """Whether this machine lets a process have a network of its own, with nothing in it."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.once
@pytest.mark.skipif(not can_be_cut_off(), reason="a process cannot be cut off from the network here")
def test_without_any_network_a_message_with_a_photo_is_decided_and_packaged(tmp_path: Path, trained: Path) -> None:
    sent = tmp_path / "message"
    sent.write_bytes(form({"sender": "bas.veenstra@example.org", "journey": "motor_claim", "text": WINDSCREEN},
                          [("ruit.jpg", photo())]))  # fmt: skip

    ran = subprocess.run(
        [*ALONE, sys.executable, "-c", SCRIPT, str(tmp_path / "home"), str(trained), FORM, str(sent)],
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    nobody, *_, decided = ran.stdout.splitlines()  # a busy machine logs what it tries again
    assert nobody == "OSError 101"
    assert decided == "auto_close windscreen by a person None"
