"""The words for months, weekdays, days and times in Dutch and English, with the spellings customers use."""

_MONTH_SPELLINGS = (
    "januari january januarie janurai jan",
    "februari february febuari februarie febuary feb",
    "maart march mrt mar maar",
    "april apr",
    "mei may",
    "juni june jun",
    "juli july jul",
    "augustus august agustus aug",
    "september septemper setember sept sep",
    "oktober october okt oct",
    "november novemeber novmber nov",
    "december decemeber decmber dec",
)
MONTHS = {
    spelling: number
    for number, spellings in enumerate(_MONTH_SPELLINGS, start=1)
    for spelling in spellings.split()
    if spelling != "maar"  # "but" in Dutch
}
_WEEKDAY_SPELLINGS = (
    "maandag monday",
    "dinsdag tuesday",
    "woensdag wednesday wensday wednessday",
    "donderdag thursday dondersdag",
    "vrijdag friday vrydag",
    "zaterdag saturday zaterdach",
    "zondag sunday",
)
WEEKDAYS = {spelling: number for number, spellings in enumerate(_WEEKDAY_SPELLINGS) for spelling in spellings.split()}
NAMED_DAYS = {  # days from today and how sure that is
    "vandaag": (0, 0.98), "today": (0, 0.98), "vanochtend": (0, 0.98), "vanmorgen": (0, 0.98),
    "vanmiddag": (0, 0.98), "vanavond": (0, 0.98), "vannacht": (0, 0.8), "heden": (0, 0.7),
    "this morning": (0, 0.98), "this afternoon": (0, 0.98), "this evening": (0, 0.98), "tonight": (0, 0.95),
    "gisteren": (-1, 0.98), "gister": (-1, 0.95), "gistern": (-1, 0.95), "gistren": (-1, 0.95),
    "yesterday": (-1, 0.98), "yesterdy": (-1, 0.9), "yesteday": (-1, 0.9), "last night": (-1, 0.85),
    "eergisteren": (-2, 0.98), "eergister": (-2, 0.95), "day before yesterday": (-2, 0.98),
    "morgen": (1, 0.85), "tomorrow": (1, 0.95), "tommorow": (1, 0.9), "tomorow": (1, 0.9),
    "overmorgen": (2, 0.95), "day after tomorrow": (2, 0.95),
}  # fmt: skip
DAY_PART = r"(?:[ \t]?(?:ochtend|morgen|middag|avond|nacht)|[ \t](?:morning|afternoon|evening|night))?"
UNITS = {
    "dag": "day", "dagen": "day", "daag": "day", "day": "day", "days": "day",
    "week": "week", "weken": "week", "weeks": "week", "wk": "week",
    "maand": "month", "maanden": "month", "month": "month", "months": "month",
    "jaar": "year", "jaren": "year", "year": "year", "years": "year",
}  # fmt: skip
UNIT_CERTAINTY = {"day": 0.95, "week": 0.8, "month": 0.5, "year": 0.4}
LAST = r"(?:afgelopen|afgelope|vorige|laatste|verleden|jongstleden|last|past)"
NEXT = r"(?:volgende|aanstaande|komende|eerstvolgende|next|coming|upcoming)"
FUTURE_WORDS = rf"(?:{NEXT}|morgen|tomorrow|uiterlijk|deadline|gepland|planned|scheduled)"


def any_of(words: dict[str, int] | dict[str, str] | dict[str, tuple[int, float]]) -> str:
    """A regular expression for any of the words, longest first."""
    spellings = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(word.replace(" ", "[ \t]{1,3}") for word in spellings) + ")"
