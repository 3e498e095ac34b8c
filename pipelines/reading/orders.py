"""Orders to a machine in what customers write: found, shown to a person, and left out of what models read.

Text that is addressed to a language model ("ignore your instructions") says nothing of the case. Without it a message
is routed, and its amounts are read, as if it did not stand there. Nothing is thrown away: people see all of it, and
words of danger are looked for in all of it.

What is found: sentences that override instructions, speak to a model as such, name the parts of a prompt, or hold
markup and encodings that people do not write. What is not: an order that reads as a wish ("please pay today"); that
is the customer's to say, and the rules decide.
"""

import re2

_GAP = r"[^.!?\n]{0,40}?"
_MODEL = (
    r"(?:a\.?i\.?|(?:large )?language model|taalmodel|sprachmodell|modele de langage|modèle de langage"
    r"|chat ?bot|chat ?gpt"
    r"|gpt|llm|computer|robot|algorithm|algoritme|algorithmus|algorithme|ki|ia|classifier"
    r"|(?:automated|automatic|ai) (?:agent|assistant))"
)
_ARTICLE = r"(?:the |de |het |die |das |der |dem |any |this |dit |deze |le |la |l')?"
#: Override what it was told.
_OVERRIDES = (
    r"\b(?:ignore|disregard|forget|override|bypass|negeer|vergeet|omzeil|ignoriere?|ignorieren sie|vergiss"
    r"|vergessen sie|ignorez|ignore[sz]|oubliez|oublie|ne tenez pas compte|stop following|do not follow)\b"
    + _GAP
    + r"\b(?:instructions?|instructies?|rules|regels|prompts?|anweisung(?:en)?|vorgaben|regeln|consignes|guidelines"
    r"|richtlijnen|opdrachten|guardrails|restrictions|all (?:of )?the above|al het bovenstaande)\b",
    r"(?:^|[.!?\n]\s*)(?:please |and |en )?(?:disregard|override|bypass|ignore|negeer|omzeil)\b"
    + _GAP
    + r"\b(?:directions|aanwijzingen|terms|conditions|voorwaarden|checks|safety|policy)\b",
    (
        r"\b(?:new|nieuwe|neue|nouvelles?|updated|real|actual) (?:system )?"
        r"(?:instructions?|instructies?|anweisung(?:en)?|prompts?|task ?:)"
    ),
    (
        r"\b(?:system|developer|hidden|original|initial) ?(?:prompt|message|instructions?)\b"
        r"|\bprompt injection\b|\bjailbreak"
    ),
    r"\b(?:administrator|admin|developer|debug|god|root|maintenance|test) mode\b|\bsudo\b|^\W{0,4}override ?:",
    r"\bas the (?:developer|administrator|owner|creator) of (?:this|the) (?:system|model|software|program)\b",
    r"\b(?:end|begin|start) of (?:the )?(?:user )?(?:input|prompt|context|data|document)\b|\beverything above\b",
    (
        r"\byou (?:must|have to|will) (?:now )?(?:comply|obey)\b|\b(?:from now on|vanaf nu"
        r"|ab jetzt),? (?:you|respond|answer|reply"
        r"|output|ben je|bent u|antwoord|antworte)\b"
    ),
)
#: Speak to it as such, or of it as nobody who reports damage does.
_ADDRESSES = (
    r"\b(?:dear|beste|geachte|hey|hi|hello|hallo|liebe[rs]?|chere?|attention) " + _ARTICLE + _MODEL + r"\b",
    r"\b(?:note|message|instruction|bericht|opdracht|notitie|hinweis|nachricht|message) (?:to|for|voor"
    r"|aan|an|für|pour|à) " + _ARTICLE + _MODEL + r"\b",
    r"(?:^|[.!?\n]\s*)(?:voor|aan|to|for|an|für|pour|à) " + _ARTICLE + r"(?:system|systeem|" + _MODEL + r")\s*:",
    r"\b(?:you are|you're|act as|pretend to be|u bent|je bent|jij bent|du bist|sie sind|vous êtes|tu es"
    r"|if you are|als je"
    r"|als u|wenn du|wenn sie|si vous êtes|si tu es)"
    r"(?: now| nu| een| an?| the| eine?| un| une| jetzt| maintenant| bent){0,3} " + _MODEL + r"\b",
    r"\byou are now dan\b|\b(?:behulpzame|helpful|hilfreicher) (?:assistant|assistent)\b",
    r"(?:^|[.!?\n]\s*)(?:ai|llm|chatgpt|chat ?bot)\s*,",
    r"\b(?:ai|llm|ki|ia)-?(?:model|modell|modèle|agent|systeem|system|assistent|assistant)\b",
    (
        r"(?m)^\W{0,4}(?:system|systeem ?bericht|assistant|developer|llm|chatgpt|sprachmodell|taalmodel|a\.?i\.?)"
        r"\s*(?:prompt|message|note)?\s*:"
    ),
    (
        r"\b(?:any|every|elke|jede) (?:ai|llm|bot|model)\b|\b(?:als|as an?) (?:taalmodel|ai model"
        r"|language model|sprachmodell)\b"
    ),
    r"\b(?:hidden|invisible|verborgen) (?:note|text|instruction|tekst)\b|\b(?:classifier|llms?)\b",
    r"\b(?:(?:large )?language model|taalmodel|sprachmodell|mod[eè]le de langage)",
)
#: Name what only a machine is told.
_COMMANDS = (
    r"\b(?:auto_close|request_info|tool_call|function_call|approve_claim|end_of_prompt|finish_reason)\b",
    r"\b(?:answer|respond|reply|antwoord|antworte|antworten sie|répondez|reponds|output)\b"
    + _GAP
    + r"\b(?:only with|nothing else|alleen met|nur mit|uniquement|with the label|valid json|the json|no other text)\b",
    r"\b(?:set|zet|mark|markeer|change|classify|classificeer|label|treat|markiere|wijzig)\b"
    + _GAP
    + r"\b(?:the topic|the label|as certified|as verified|as low risk|as approved|the category|the class|score 1"
    r"|confidence|het onderwerp op|als gecertificeerd|als goedgekeurd)\b",
    r"\b(?:print|reveal|show|list|repeat|output|include|toon|geef|noem)\b"
    + _GAP
    + r"\b(?:other|last|all|previous|andere|laatste|alle|vorige)\b"
    + _GAP
    + r"\b(?:customers?|cases|clients?|klanten|dossiers|users)\b",
    r"\b(?:do not|don't|never|niet|nooit|ne|pas)\b"
    + _GAP
    + r"\b(?:mention|noem|vermeld|mentionne[zr]?)\b"
    + _GAP
    + r"\b(?:summary|samenvatting|résumé|zusammenfassung)\b",
    r"\b(?:in (?:your|the|je|uw|de) (?:summary|samenvatting|output|translation|vertaling))\b",
    r"\b(?:summari[sz]e|vat dit|vat deze)\b" + _GAP + r"\b(?:as|als)\b|\bsimulate (?:a|an|the)\b",
    r"\b(?:translate|vertaal|übersetze|traduis|traduisez)\b" + _GAP + r"\b(?:as|als|comme)\b",
)
#: Markup and encodings that people do not write.
_MARKUP = (
    (
        r"(?:<|&lt;)/?\s*(?:system|sources?|user|assistant|instructions?|prompt|data"
        r"|context)\b[^>\n]{0,80}|<\|[a-z_]{2,30}\|>"
        r"|\[\[[^\]\n]{2,80}\]\]|<!--|-->|\[/?INST\]|<</?SYS>>"
    ),
    (
        r"""\{\s*["'][a-z_]{2,20}["']\s*:|["'](?:role|topic|decision|content|label|tool|function"
    r"|amount)["']\s*:|["']\s*\}\s*\]"""
    ),
    r"#{2,}\s*(?:new|system|instructions?|nieuwe|end|response)\b",
    r"\bbase ?64\b|\b[A-Za-z0-9+/]{60,}={0,2}",
)
_ALL = (*_OVERRIDES, *_ADDRESSES, *_COMMANDS, *_MARKUP)
_ORDER = re2.compile("(?i)(?:" + "|".join(f"(?:{pattern})" for pattern in _ALL) + ")")
#: How a sentence goes on with an order that stands right before it; by itself it is a wish.
_GOES_ON = re2.compile(
    r"(?i)\s*[^\w\s]{0,3}\s*(?:and |then |now |instead,? |please |en |dan |nu |und |dann |et |ensuite )?"
    r"(?:approve|grant|pay|close|route|send|set|mark|transfer|refund|reply|respond|answer|output"
    r"|return|confirm|say|write"
    r"|classify|treat|assume|act|do not|don't|never|always|only|tell|print|reveal|summari[sz]e"
    r"|translate|you (?:must|may|can"
    r"|should|are|have|will)|your (?:task|job|only)|the (?:claim |correct |new )?(?:amount|payout"
    r"|decision|topic|category|label"
    r"|outcome|answer)|(?:topic|amount|decision|category|label|outcome|bedrag|onderwerp"
    r"|besluit)\s*[:=]|this (?:claim|case|is)"
    r"|keur|wijs toe|betaal|sluit|stuur|zet|markeer|maak|antwoord|schrijf|vertel|behandel"
    r"|het (?:bedrag|onderwerp|besluit)"
    r"|je (?:moet|mag|bent)|u (?:moet|mag|bent)|genehmige|zahle|schlie(?:ß|ss)e|antworte|setze"
    r"|der betrag|du (?:musst|darfst)"
    r"|sie (?:müssen|dürfen)|approuve|accepte|paye|ferme|répond|le montant|tu dois|vous devez)"
)

#: A long run of signs in a link is what a shared photo is called, and no encoding of anything.
_RUN = re2.compile(r"[A-Za-z0-9+/]{60,}={0,2}")
_LINK = re2.compile(r"(?i)\b(?:https?://|www\.)[^\s<>]+")


def find_orders(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of each sentence that holds an order to a machine or goes on with one, in reading order; none
    overlap.
    """
    found: list[tuple[int, int]] = []
    done = 0
    for match in _ORDER.finditer(text):
        if match.start() >= done and not _names_a_link(text, *match.span()):
            done = _gone_on(text, _after(text, match.end()))
            found.append((max(found[-1][1] if found else 0, _before(text, match.start())), done))
    return tuple(found)


def _names_a_link(text: str, start: int, end: int) -> bool:
    return _RUN.fullmatch(text[start:end]) is not None and any(
        link.start() <= start < link.end() for link in _LINK.finditer(text)
    )


def without_orders(text: str) -> str:
    """The same with spaces in their place, so that every character keeps its number."""
    for start, end in find_orders(text):
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _gone_on(text: str, place: int) -> int:
    """Behind the last of the sentences from here that go on with the order; an empty line ends it."""
    while (more := _GOES_ON.match(text, place)) is not None and "\n\n" not in text[place : more.end()]:
        place = _after(text, more.end())
    return place


def _before(text: str, place: int) -> int:
    """Where the sentence begins."""
    for at in range(place - 1, -1, -1):
        if text[at] == "\n" or (text[at] in ".!?" and text[at + 1] in " \t\"')"):
            return at + 1
    return 0


def _after(text: str, place: int) -> int:
    """Behind its end."""
    for at in range(max(place - 1, 0), len(text)):
        if text[at] == "\n":
            return at
        if text[at] in ".!?" and (at + 1 == len(text) or text[at + 1] in " \t\n\"')"):
            return at + 1
    return len(text)
