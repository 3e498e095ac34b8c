# ruff: noqa: E501  # a sample stays on one line
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.channels.email.replies import reply_spans, split_reply
from pipelines.channels.parsed import clean_text

QUOTE = "> Geachte heer,\n> Kunt u een foto sturen?"

SPLIT = {
    # Dutch quotes
    "gmail nl": (f"Hierbij de foto.\n\nOp di 3 nov 2026 om 10:12 schreef Schade <s@v.nl>:\n{QUOTE}", "Hierbij de foto."),
    "gmail nl wrapped": (
        f"Ja hoor.\n\nOp dinsdag 3 november 2026 om 10:12 schreef Afdeling Schade\n<schade@verzekeraar.nl>:\n\n{QUOTE}",
        "Ja hoor.",
    ),
    "apple nl": (f"Akkoord\n\nOp 3 nov 2026, om 10:12 heeft Schade <s@v.nl> het volgende geschreven:\n\n{QUOTE}", "Akkoord"),
    "thunderbird nl": (f"Klopt.\n\nOp 03-11-2026 om 10:12 schreef Schade:\n{QUOTE}", "Klopt."),
    "name first nl": (f"Klopt.\n\nSchade <s@v.nl> schreef op 3 november 2026:\n{QUOTE}", "Klopt."),
    "outlook nl": (
        "Zie bijlage.\n\nVan: Schade <s@v.nl>\nVerzonden: dinsdag 3 november 2026 10:12\nAan: Jan\nOnderwerp: RE: lek\n\nOud.",
        "Zie bijlage.",
    ),
    "outlook nl with ruler": (
        "Zie bijlage.\n________________________________\nVan: S <s@v.nl>\nVerzonden: 3 nov\nAan: J\nOnderwerp: lek\n\nOud",
        "Zie bijlage.",
    ),
    "outlook nl bold": ("Prima\n\n*Van:* S <s@v.nl>\n*Verzonden:* 3 nov\n*Aan:* J\n*Onderwerp:* lek\n\nOud", "Prima"),
    "separator nl": ("Prima.\n\n-----Oorspronkelijk bericht-----\nVan: S\nOud", "Prima."),
    "unquoted old mail": ("Prima.\n\nOp 3 nov. 2026 om 10:12 schreef S <s@v.nl>:\n\nKunt u een foto sturen?", "Prima."),
    # English quotes
    "gmail en": ("Here it is.\n\nOn Tue, Nov 3, 2026 at 10:12 AM Claims <c@v.com> wrote:\n> Photo?", "Here it is."),
    "gmail en wrapped": ("Yes\n\nOn Tue, Nov 3, 2026 at 10:12 AM Claims Department\n<c@v.com> wrote:\n\n> Photo?", "Yes"),
    "outlook en": ("See below\n\nFrom: Claims\nSent: Tuesday\nTo: Jan\nSubject: RE: leak\n\nOld", "See below"),
    "separator en": ("Fine.\n\n-----Original Message-----\nFrom: x\nOld", "Fine."),
    "old gmail": ("Fine.\n\n2026-11-03 10:12 GMT+01:00 Claims <c@v.com>:\n\n> Photo?", "Fine."),
    "yahoo": ("Fine\n\n    On Tuesday, November 3, 2026, 10:12:00 AM GMT+1, Claims <c@v.com> wrote:\n\n Old", "Fine"),
    # German and French quotes
    "gmail de": ("Ja.\n\nAm Di., 3. Nov. 2026 um 10:12 Uhr schrieb Schaden <s@v.de>:\n> Foto?", "Ja."),
    "outlook de": ("Ja\n\nVon: S <s@v.de>\nGesendet: Dienstag\nAn: J\nBetreff: AW: Leck\n\nAlt", "Ja"),
    "separator de": ("Ja\n\n-----Ursprüngliche Nachricht-----\nVon: S\nAlt", "Ja"),
    "gmail fr": ("Oui.\n\nLe mar. 3 nov. 2026 à 10:12, Sinistres <s@v.fr> a écrit :\n> Photo ?", "Oui."),
    "outlook fr": ("Oui\n\nDe : S <s@v.fr>\nEnvoyé : mardi\nÀ : J\nObjet : fuite\n\nVieux", "Oui"),
    # Signatures
    "dashes": ("Het lekt.\n-- \nJan\nTel 06", "Het lekt."),
    "iphone nl": ("Het lekt.\n\nVerstuurd vanaf mijn iPhone", "Het lekt."),
    "outlook app nl": ("Het lekt.\n\nVerzonden vanuit Outlook voor Android", "Het lekt."),
    "iphone en": ("It leaks\n\nSent from my iPhone", "It leaks"),
    "samsung en": ("It leaks\n\nSent from my Samsung Galaxy smartphone.", "It leaks"),
    "outlook app en": ("It leaks\n\nGet Outlook for iOS<https://aka.ms/x> mobile", "It leaks"),
    "iphone de": ("Es leckt\n\nVon meinem iPhone gesendet", "Es leckt"),
    "iphone fr": ("Ça fuit\n\nEnvoyé de mon iPhone", "Ça fuit"),
    "greeting nl": ("Het lekt.\n\nMet vriendelijke groet,\n\nJan Jansen\nDorpsstraat 1\n1234 AB Ons Dorp\n06-12345678", "Het lekt."),
    "greeting with name": ("Het lekt.\n\nGroeten, Jan de Vries", "Het lekt."),
    "short greeting": ("Het lekt.\nMvg\nJan", "Het lekt."),
    "letters greeting": ("Het lekt.\n\nHoogachtend,\nJ. Jansen", "Het lekt."),
    "greeting en": ("It leaks.\n\nKind regards,\nJohn Smith\nAcme Ltd", "It leaks."),
    "thanks en": ("It leaks.\n\nThanks,\nJohn", "It leaks."),
    "greeting de": ("Es leckt.\n\nMit freundlichen Grüßen\nHans Müller", "Es leckt."),
    "greeting fr": ("Ça fuit.\n\nCordialement,\nJean Dupont", "Ça fuit."),
    "greeting and quote": (f"Het lekt.\n\nGroet,\nJan\n\nOp 3 nov 2026 om 10:12 schreef S <s@v.nl>:\n{QUOTE}", "Het lekt."),
    "disclaimer": ("Het lekt.\n\nDit e-mailbericht is vertrouwelijk en uitsluitend bestemd voor u.\nMeer recht.", "Het lekt."),
    "greeting and disclaimer": ("Lek.\n\nGroet,\nJan\n\nDISCLAIMER\nAlleen voor u.", "Lek."),
    # Answers below and between
    "bottom post": (f"Op 3 nov 2026 om 10:12 schreef S <s@v.nl>:\n{QUOTE}\n\nHierbij de foto.", "Hierbij de foto."),
    "inline": ("> Hoe heet u?\nJan\n> Waar woont u?\nUtrecht", "Jan\nUtrecht"),
    "inline with head": ("Op 3 nov 2026 om 10:12 schreef S <s@v.nl>:\n> Hoe heet u?\nJan\n> Waar?\nUtrecht", "Jan\nUtrecht"),
    "postscript": ("Het lekt.\n\nGroet,\nJan\n\nPS. de stroom is ook uit", "Het lekt.\n\nPS. de stroom is ook uit"),
}  # fmt: skip

KEPT = {
    "a sentence that starts like a quote": "Op 3 november schreef de monteur:\nde ketel is op.",
    "a greeting word in a sentence": "Groeten doen we straks wel, eerst de lekkage.",
    "words after the greeting": "Het lekt.\n\nGroet,\nJan\nIk ruik nu ook gas in de keuken",
    "a question after the greeting": "Het lekt.\n\nMvg Jan\nWanneer komt u?",
    "a long text after the greeting": "Lek.\nGroet\n" + "\n".join(f"Regel {n}" for n in range(8)),
    "only a greeting": "Met vriendelijke groet,\nJan",
    "only a signature": "-- \nJan",
    "only a forward": "---------- Forwarded message ---------\nVan: Buur <b@x.nl>\nDate: di\nSubject: dak\n\nEr ligt een pan.",
    "only an outlook forward": "Van: Buur\nVerzonden: di\nAan: Jan\nOnderwerp: dak\n\nEr ligt een pan.",
    "a journey of one's own": "Van: Utrecht\nAan: Amsterdam\nDatum: 3 november",
    "a number after a bracket": "De schade is\n> 100 euro",
    "sent from a place": "Verzonden vanaf het depot is het pakket nooit aangekomen, zegt de bezorger van vandaag",
    "thanks with a reason": "Thanks for coming so quickly\nThe leak is back",
    "dashes in a text": "eerste -- tweede",
    "a plain message": "Er is water in de kelder.\n\nHet staat 10 cm hoog.",
    "best as a word": "Best vervelend dit\nHet lekt al weken",
}


@pytest.mark.parametrize(("text", "new"), SPLIT.values(), ids=SPLIT)
def test_what_is_new_is_split_from_quotes_and_signatures(text: str, new: str) -> None:
    split = split_reply(text)

    assert split.new == new
    assert split.rest


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_a_customer_wrote_is_kept(text: str) -> None:
    assert split_reply(text) == (text, "")


def test_a_reply_of_quotes_only_has_nothing_new() -> None:
    assert split_reply(f"Op 3 nov 2026 om 10:12 schreef S <s@v.nl>:\n{QUOTE}\n").new == ""


def test_spans_point_at_the_new_text() -> None:
    text = "> Hoe heet u?\nJan\n> Waar woont u?\nUtrecht\n\nGroet,\nJ"

    spans = reply_spans(text)

    assert [text[start:end].strip("\n") for start, end in spans] == ["Jan", "Utrecht"]


LINES = st.sampled_from(
    [
        "",
        "Het lekt.",
        "> oud",
        ">> ouder",
        "Groet,",
        "Jan",
        "-- ",
        "Op 3 nov 2026 om 10:12 schreef S <s@v.nl>:",
        "Van: S",
        "Verzonden: di",
        "Onderwerp: x",
        "Verstuurd vanaf mijn iPhone",
        "PS. x",
        "-----Original Message-----",
        "DISCLAIMER",
        "________",
        "On Tue wrote:",
        "> 100 euro",
        "From: x",
        "Sent: y",
        "Subject: z",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES | st.text(max_size=20), max_size=25).map("\n".join).map(clean_text))
def test_no_line_is_lost_doubled_or_moved(text: str) -> None:
    split = split_reply(text)

    kept = [line for start, end in reply_spans(text) for line in text[start:end].split("\n")]
    assert [line for line in kept if line] == [line for line in split.new.split("\n") if line]
    both = [line for part in split for line in part.split("\n") if line]
    assert sorted(both) == sorted(line for line in text.split("\n") if line)
