"""Separator sheets as PDF."""

from pathlib import Path

from pipelines.channels.post.sheets import TITLE, in_groups, proof_of
from pipelines.house import House

TEMPLATE = Path(__file__).parents[3] / "configs" / "paper" / "separator.typ"


def separator() -> bytes:
    """A sheet that only separates; it may be copied as often as one likes."""
    return _set({"title": TITLE})


def cover(house: House, reference: str) -> bytes:
    """A sheet that brings the letter behind it into this case. Raises NotFound."""
    with house.database.reading() as store:
        case_id = store.case_id(reference)
    code = in_groups(proof_of(case_id, house.keys.reply))
    return _set({"title": TITLE, "reference": reference, "code": code})


def _set(inputs: dict[str, str]) -> bytes:
    import typst  # noqa: PLC0415  # 80 MB of letter types, which watching the folder needs not

    made = typst.compile(TEMPLATE, sys_inputs=inputs, ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made
