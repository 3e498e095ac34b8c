"""How quoted replies and signatures begin in Dutch, English, German and French. Data for `replies`."""

import re

_SEPARATOR_WORDS = (
    r"oorspronkelijk(?:e)? (?:bericht|e-?mail)|original (?:message|e-?mail)|original-?nachricht"
    r"|ursprüngliche (?:nachricht|e-?mail)|message d['\u2019]origine|message original"
)
_FORWARD_WORDS = (
    r"forwarded message|doorgestuurd bericht|doorgestuurde e-?mail|weitergeleitete nachricht|message transféré"
)
_DEVICES = (
    r"iphone|ipad|samsung|galaxy|android|outlook|mail|gmail|yahoo|huawei|xiaomi|blackberry|proton\w*|xperia"
    r"|windows|tablet|smartphone|mobiel\w*|mobile|mobil\w*|telefoon|phone|handy|smartphone"
)
_CLOSINGS = (
    r"(?:met )?(?:vriendelijke|hartelijke|warme|beste|sportieve) groet(?:en|jes)?|(?:veel )?groet(?:en|jes)?"
    r"|mvg|m\.v\.g\.?|gr|hoogachtend|met dank|hartelijk dank en groet(?:en)?|dank en groet(?:en)?"
    r"|(?:with )?(?:kind(?:est)?|best|warm) regards|regards|best wishes|all the best"
    r"|yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?|cheers"
    r"|mit freundliche[nm] gr(?:ü|ue)(?:ß|ss)en?|(?:viele|liebe|beste|freundliche) gr(?:ü|ue)(?:ß|ss)e"
    r"|mfg|hochachtungsvoll"
    r"|(?:bien )?cordialement|bien à vous|(?:sincères|meilleures) salutations|salutations(?: distinguées)?"
)
NAME_PARTICLES = frozenset(
    (
        "van",
        "de",
        "den",
        "der",
        "ter",
        "ten",
        "te",
        "het",
        "'t",
        "von",
        "zu",
        "du",
        "la",
        "le",
        "and",
        "en",
        "und",
        "et",
    )
)

WROTE = re.compile(r"\b(?:schreef|geschreven|wrote|schrieb|a écrit)\b", re.IGNORECASE)
WROTE_ON = re.compile(r"\b(?:schreef op|wrote on|schrieb am|a écrit le)\b", re.IGNORECASE)
ON_DATE = re.compile(r"(?:op|on|am|le)\s", re.IGNORECASE)
BARE_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d?:\d\d\b")
ADDRESS = re.compile(r"\S@\S")
# Customers write "Op 3 november schreef de monteur:" too; a mailer adds the clock or the address.
ATTRIBUTION_PROOF = re.compile(r"\d{1,2}[:.h]\d\d|\S@\S")

SEPARATOR = re.compile(rf"^[>*\s]{{0,6}}-{{2,}}\s*(?:{_SEPARATOR_WORDS})\s*-*\s*$", re.IGNORECASE)
FORWARD = re.compile(
    rf"^-{{2,}}\s*(?:{_FORWARD_WORDS})\s*-*\s*$"
    r"|^(?:begin doorgestuurd bericht|begin forwarded message|anfang der weitergeleiteten nachricht"
    r"|début du message (?:transféré|réexpédié))\s*:$",
    re.IGNORECASE,
)
HEADER_FROM = re.compile(r"^\*?(?:van|from|von|de|expéditeur)\s?:\*?\s*\S", re.IGNORECASE)
HEADER_LINE = re.compile(
    r"^\*?(verzonden|datum|sent|date|gesendet|envoyé|aan|to|an|à|cc|kopie|onderwerp|subject|betreff|objet|beantwoorden"
    r"|reply-to|prioriteit|importance)\s?:",
    re.IGNORECASE,
)
HEADER_PROOF = {"verzonden", "sent", "gesendet", "envoyé", "onderwerp", "subject", "betreff", "objet"}
RULER = re.compile(r"^[_\-=*]{5,}\s*$")

DEVICE = re.compile(
    r"^(?:verstuurd|verzonden|sent|gesendet|envoyé|get|download|outlook|von meinem|send)\b.{0,60}"
    rf"\b(?:{_DEVICES})\b.{{0,30}}$",
    re.IGNORECASE,
)
CLOSING = re.compile(rf"(?:{_CLOSINGS})(?![^\W_])[\s,.!;\u2013-]*", re.IGNORECASE)
SHORT_THANKS = re.compile(
    r"^(?:thanks|thank you|bedankt|alvast bedankt|dank|danke|merci|best|groetjes)\s*[,.!]+$", re.IGNORECASE
)
POSTSCRIPT = re.compile(r"^p\.?\s?s\.?\b", re.IGNORECASE)
DISCLAIMER = re.compile(
    r"^(?:disclaimer\b|this (?:e-?mail|message)\b.{0,80}\b(?:confidential|intended|privileged)"
    r"|(?:dit (?:e-?mail)?bericht|deze e-?mail|de informatie)\b.{0,80}\b(?:vertrouwelijk|uitsluitend|bestemd)"
    r"|diese (?:e-?mail|nachricht)\b.{0,80}\bvertraulich|ce (?:message|courriel)\b.{0,80}\bconfidentiel"
    r"|denk aan het milieu|please consider the environment)",
    re.IGNORECASE,
)
# Words that make a short line a sentence and not a line of a signature: what a customer adds must not be lost.
SENTENCE = re.compile(
    r"\b(?:ik|wij|we|jullie|mijn|er|niet|graag|is|zijn|heb|hebben|kunt|kan|wilt|nog|nu|ruik|wordt|help"
    r"|i|i'm|you|my|please|not|are|have|there|it|can|smell|now"
    r"|ich|wir|nicht|bitte|ist|je|nous|pas|est)\b|[?!]\s*$",
    re.IGNORECASE,
)
