"""The product starts without what asks a language model: that is an extra, and takes two seconds to load."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.llm_server import Says, llm_server

EXTRA = ("langchain", "langchain_core", "langchain_openai", "langgraph", "langsmith", "openai", "tiktoken")
ALL_OF_IT = (
    "import api.app, api.cli, api.commands.worker, pipelines.runner, pipelines.wiring, pipelines.assistant.helps"
)
LOADED = f"print(sorted(set({EXTRA!r}) & set(sys.modules)))"
OPEN = f"""
import sys
{ALL_OF_IT}
from configs.settings import Settings
from pipelines.ports import Question
from pipelines.wiring import opened

with opened(Settings()) as house:
    {LOADED}
    if house.assistant is not None:
        asked = Question("tester", "Say it.", "{{}}", {{"type": "object"}}, 20, "a-key")
        print(house.assistant.ask(asked, spent_on_case=0, now=house.now()).outcome)
        {LOADED}
"""


@pytest.mark.once
def test_the_web_the_commands_and_the_workers_load_it_at_the_first_question_and_not_before(tmp_path: Path) -> None:
    with llm_server(lambda _: Says("{}")) as server:
        theirs = {"CASEWRIGHT_LLM_URL": server.url, "CASEWRIGHT_LLM_MODEL": "tester", "CASEWRIGHT_HOME": str(tmp_path)}
        ran = subprocess.run(
            [sys.executable, "-c", OPEN], capture_output=True, text=True, check=True, env={**os.environ, **theirs}
        )

    before, outcome, after = ran.stdout.splitlines()
    assert before == "[]"
    assert outcome == "answered"
    assert "openai" in after
    assert len(server.asked) == 1
