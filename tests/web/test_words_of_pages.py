import gzip
import re
from pathlib import Path

import yaml

from api.pages.templating import HERE, STATIC, bar_class, dial, initials, open_pages, percent
from pipelines.journeys import WORDS

PREFIXES = (
    "track.",
    "desk.",
    "queue.",
    "case.",
    "login.",
    "error.",
    "models.",
    "rules.",
    "paper.",
    "insights.",
    "people.",
    "assistant.",
    "keys.",
)
DUTCH, ENGLISH = (
    {
        key: sentence
        for path in WORDS.glob(f"{language}*.yaml")
        for key, sentence in yaml.safe_load(path.read_text()).items()
    }
    for language in ("nl", "en")
)


def ours(words: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in words.items() if key.startswith(PREFIXES)}


def test_every_sentence_exists_in_both_languages_with_the_same_gaps() -> None:
    assert ours(DUTCH).keys() == ours(ENGLISH).keys()
    for key in ours(ENGLISH):
        assert sorted(re.findall(r"{\w+}", DUTCH[key])) == sorted(re.findall(r"{\w+}", ENGLISH[key])), key


def test_every_sentence_that_a_template_names_exists() -> None:
    templates = "".join(path.read_text() for path in (HERE / "templates").rglob("*.html"))

    named = set(re.findall(r"""say\(["']([a-z_.]+[a-z_])["'][,)]""", templates))

    assert len(named) > 100
    assert named <= ENGLISH.keys()


def test_no_template_holds_a_sentence_of_its_own() -> None:
    for path in (HERE / "templates").rglob("*.html"):
        bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>|&\w+;", " ", path.read_text(), flags=re.DOTALL)

        assert not re.search(r"[A-Za-z]{2,}", bare), (path.name, re.findall(r"[A-Za-z]{2,}", bare))


def test_styles_and_scripts_stay_within_their_weight() -> None:
    assert len(gzip.compress((STATIC / "casewright.css").read_bytes())) <= 10 * 1024
    for script in STATIC.glob("*.js"):
        assert len(gzip.compress(script.read_bytes())) <= 15 * 1024


def test_every_vendored_part_has_its_licence_and_version() -> None:
    for folder in (STATIC / "vendor").iterdir():
        assert {"LICENSE", "VERSION"} <= {path.name for path in folder.iterdir()}


def test_every_icon_that_is_used_is_in_the_sprite_and_no_other() -> None:
    sprite = set(re.findall(r'id="([\w-]+)"', (STATIC / "vendor/lucide/sprite.svg").read_text()))
    code = [*(HERE / "templates").rglob("*.html"), *Path(HERE / "pages").glob("*.py")]
    text = "".join(path.read_text() for path in code)

    assert {name for name in sprite if f'"{name}"' not in text} == set()
    assert set(re.findall(r'icon\("([\w-]+)"', text)) <= sprite


def test_shares_never_read_as_certain_when_they_are_not() -> None:
    assert [percent(share) for share in (0, 0.004, 0.5, 0.994, 0.9999, 1.0)] == [0, 0, 50, 99, 99, 100]
    assert [bar_class(share) for share in (0.8, 0.79, 0.6, 0.59)] == ["", "mid", "mid", "low"]


def test_names_become_two_letters_and_phones_can_be_dialled() -> None:
    assert [initials(name) for name in ("Fatima El Amrani", "jan@example.org", "", "7")] == ["FA", "J", "•", "•"]
    assert dial("085 000-12 00") == "0850001200"


def test_a_language_without_words_reads_in_english() -> None:
    pages = open_pages("en")

    assert pages.say("es", "track.progress") == "Progress"
    assert pages.say("en", "no.such.key") == "no.such.key"
