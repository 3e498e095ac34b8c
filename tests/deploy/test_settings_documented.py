from pathlib import Path

from configs.settings import Settings

OPERATE = Path(__file__).parents[2] / "docs" / "operate.md"


def test_every_setting_has_its_row_in_the_docs() -> None:
    text = OPERATE.read_text()

    missing = [name for name in Settings.model_fields if f"| `CASEWRIGHT_{name.upper()}` |" not in text]

    assert missing == []
