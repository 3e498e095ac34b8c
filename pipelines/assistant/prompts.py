"""What language models are told: files in configs/prompts, versioned by their names; the highest number is in force.

Older versions stay, so that what a call in the log was told can be read years later.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cases.vocabulary import Help
from pipelines.yaml_lines import read_yaml

PROMPTS = Path(__file__).parent.parent.parent / "configs" / "prompts"
RULES = "rules"  # of every prompt


@dataclass(frozen=True, slots=True)
class Prompt:
    """name: with its version and that of the rules, as the log keeps it. most_tokens: of an answer."""

    name: str
    told: str
    most_tokens: int


def prompt_of(task: Help) -> Prompt:
    return read_prompt(PROMPTS, task)


@cache
def read_prompt(folder: Path, task: Help) -> Prompt:
    """Raises FileNotFoundError where no version lies."""
    rules, of_task = _newest(folder, RULES), _newest(folder, task)
    said, common = (read_yaml(path, name=path.name).data for path in (of_task, rules))
    return Prompt(
        f"{of_task.stem}/{rules.stem}", f"{common['told'].strip()}\n\n{said['told'].strip()}", int(said["most_tokens"])
    )


def _newest(folder: Path, name: str) -> Path:
    """Of facts.1.yaml and facts.2.yaml the second."""
    found = sorted(folder.glob(f"{name}.*.yaml"), key=lambda path: int(path.stem.rpartition(".")[2]))
    if not found:
        raise FileNotFoundError(f"{folder} holds no {name}.1.yaml")
    return found[-1]
