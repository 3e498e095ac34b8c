"""What leaves for a language model holds nobody's data, and what comes back has it again."""

import re

import pytest
import yaml

from pipelines.assistant.masking import Known, Mask
from pipelines.demo.mails import MAILS

pytestmark = pytest.mark.once  # keeps nothing


def hidden(text: str, *known: Known) -> str:
    return Mask(known).hide(text).text


# --- messages -----------------------------------------------------------------------------------------------------

MESSAGES = [
    pytest.param(
        "Beste mevrouw Jansen,\nOp 12-03-2026 is mijn voorruit gebarsten. Kenteken 79-KXF-6, schade € 1.250,00.\n"
        "Met vriendelijke groet,\nBas de Vries\nKerkstraat 12\n3511 AB Utrecht\n06-12345678",
        ["Jansen", "79-KXF-6", "Bas", "Vries", "Kerkstraat", "3511 AB", "12345678"],
        ["12-03-2026", "voorruit gebarsten", "€ 1.250,00"],
        id="nl-letter",
    ),
    pytest.param(
        "hoi mijn naam is bas de vries en ik heb waterschade, polis POL-2024-00123, mail bas@example.nl\nmvg bas",
        ["bas", "vries", "2024-00123", "example.nl"],
        ["waterschade"],
        id="nl-telephone",
    ),
    pytest.param(
        "Mijn BSN is 111222333. Rekening NL91 ABNA 0417 1643 00. Ik wacht al 14 dagen op 125,50 euro. Groetjes Fatima",
        ["111222333", "0417", "ABNA", "Fatima"],
        ["14 dagen", "125,50 euro"],
        id="nl-numbers",
    ),
    pytest.param(
        "Van: Sanne Bakker <s.bakker@example.org>\nAan: Klantenservice\nNaam: S. Bakker\nKlantnummer: 12345678\n\n"
        "De vaatwasser (125000 km is het niet) lekt sinds 2 januari 2026.\nSanne\nVerzonden vanaf mijn iPhone",
        ["Sanne", "Bakker", "example.org", "12345678"],
        ["Klantenservice", "vaatwasser", "125000 km", "2 januari 2026", "iPhone"],
        id="nl-forwarded",
    ),
    pytest.param(
        "Dear Mr Osei,\nMy name is Priya Raman. A pipe burst on 3 March 2026 and cost me £2,400.\n"
        "Call 020 7946 0958 or write to 24 Mill Lane, Leeds, LS1 4AP.\nKind regards,\nPriya Raman",
        ["Osei", "Priya", "Raman", "7946", "Mill Lane", "LS1 4AP"],
        ["A pipe burst on 3 March 2026", "£2,400"],
        id="en-letter",
    ),
    pytest.param(
        "I am Duncan Ross and my card 4111 1111 1111 1111 was charged twice, order W-3391724. Registration AB12 CDE.",
        ["Duncan", "Ross", "4111", "1111", "3391724", "AB12 CDE"],
        ["was charged twice"],
        id="en-card",
    ),
    pytest.param(
        "The bumper is dented, mileage 84000. Photo attached. What do you need? Charlotte Finch",
        ["Charlotte", "Finch"],
        ["bumper is dented", "84000"],
        id="en-no-closing",
    ),
    pytest.param(
        "Sehr geehrte Frau Schmidt,\nmein Name ist Jürgen Groß. Am 05.03.2026 ist die Scheibe "
        "gesprungen, 1.250,00 Euro.\n"
        "Mit freundlichen Grüßen\nJürgen Groß\nHauptstraße 5, 10115 Berlin\nTel. 0171 1234567",
        ["Schmidt", "Jürgen", "Groß", "Hauptstraße", "10115", "1234567"],
        ["05.03.2026", "Scheibe gesprungen", "1.250,00 Euro"],
        id="de-letter",
    ),
    pytest.param(
        "Ich heiße Ayşe Yılmaz, IBAN DE89 3704 0044 0532 0130 00, E-Mail ayse@münchen.example. "
        "Das Dach ist undicht.\nlg\nAyşe",
        ["Ayşe", "Yılmaz", "3704", "0532", "ayse@"],
        ["Das Dach ist undicht"],
        id="de-account",
    ),
    pytest.param(
        "Bonjour Madame Dupont,\nJe m'appelle Émile Lefèvre, 12 rue de la Paix, 75002 Paris. "
        "Le 4 mars 2026 mon vélo a été volé.\n"
        "Cordialement,\nÉmile Lefèvre\n01 23 45 67 89",
        ["Dupont", "Émile", "Lefèvre", "rue de la Paix", "75002", "45 67"],
        ["4 mars 2026", "vélo a été volé"],
        id="fr-letter",
    ),
    pytest.param(
        "Mon IBAN est FR76 3000 6000 0112 3456 7890 189, plaque AB-123-CD, montant 950 €. Merci\nClaire",
        ["3000", "7890", "AB-123-CD", "Claire"],
        ["montant 950 €"],
        id="fr-account",
    ),
    pytest.param(
        "IK BEN HEEL BOOS! Bel 0612345678 of +31 6 12345678. Tijd 09.30-10.15, "
        "afspraak 01-02-2026 1250 euro, 1250000 euro.",
        ["0612345678", "12345678"],
        ["HEEL BOOS", "09.30-10.15", "01-02-2026 1250 euro", "1250000 euro"],
        id="nl-shouted",
    ),
]


@pytest.mark.parametrize(("text", "gone", "kept"), MESSAGES)
def test_a_message_loses_whose_it_is_and_keeps_what_happened(text: str, gone: list[str], kept: list[str]) -> None:
    mask = Mask()

    left = mask.hide(text).text

    assert [one for one in gone if one in left] == []
    assert [one for one in kept if one not in left] == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Het lekt.\nGr. Tineke", "Het lekt.\n[NAME_1]"),
        ("De fiets is weg. Grtz, Mo", "De fiets is weg. Grtz, [NAME_1]"),
        ("het lekt\ngroetjes van lotte", "het lekt\ngroetjes van [NAME_1]"),
        ("The roof leaks.\nTake care\nJo", "The roof leaks.\nTake care\n[NAME_1]"),
        ("Hallo, met Kees Bakker. Het lekt", "Hallo, met [NAME_1]. Het lekt"),
        ("Mijn vrouw Els zag het. Mr. and Mrs. Smith ook.", "Mijn vrouw [NAME_1] zag het. Mr. and Mrs. [NAME_2] ook."),
        ("rekening t.n.v. J. Bos", "rekening t.n.v. [NAME_1]"),
        ("Ik ben Bas, de ruit is stuk", "Ik ben [NAME_1], de ruit is stuk"),
        ("I'm in Spain, with regards to my claim", "I'm in Spain, with regards to my claim"),
        ("polisnummer 12345, paspoort NXB12RK34", "polisnummer [NUMBER_1], paspoort [NUMBER_2]"),
        ("schade 12-03-2026, claim 1250, order 66", "schade 12-03-2026, claim 1250, order 66"),
        ("mail: bas (at) post.example of bas@localhost", "mail: [EMAIL_1] of [EMAIL_2]"),
        (
            "De Panda en de Clio stonden bij de bakker in Den Haag",
            "De Panda en de Clio stonden bij de bakker in Den Haag",
        ),
    ],
)
def test_a_cue_tells_a_name_or_a_number_from_a_word(text: str, left: str) -> None:
    assert hidden(text) == left


def test_no_sender_of_the_demo_stands_in_what_leaves_of_their_mail_though_the_house_knows_nobody() -> None:
    mails = yaml.safe_load(MAILS.read_text())["mails"]
    told = [(one["name"].split(), one.get("text") or "") for one in mails]
    named = [
        (name, text) for words, text in told for name in words if len(name) > 3 and re.search(rf"\b{name}\b", text)
    ]

    left = [name for name, text in named if re.search(rf"\b{name}\b", hidden(text))]

    assert len(named) > 90
    assert left == []


RUNNING = [
    "Ik leende hem aan Karim.", "De auto van Sanne stond ervoor.", "Volgens Piet was het al stuk.",
    "Gisteren kwam Fatima langs met de sleutel.", "Het was Johan die reed.", "Toen belde Willem mij op.",
    "De monteur, Dirk, zag niets.", "Ik zag Anna vallen.", "We gaven Tom de foto's.", "Daarna heeft Els opgeruimd.",
    "I lent it to Karim yesterday.", "The car of Susan was parked.", "Then Peter opened the door.",
    "It was Emily who drove.", "We asked Jack for help.", "According to Maria it leaked.", "She told Omar about it.",
    "The plumber, George, left.", "The neighbour Alice saw it.", "Later Robert called me.",
    "Ich habe es Karim geliehen.", "Das Auto von Sabine war kaputt.", "Dann kam Jürgen vorbei.",
    "Laut Heike war es nass.", "Mein Nachbar Uwe sah es.",
    "Je l'ai prêté à Karim hier.", "La voiture de Sophie était là.", "Puis Luc a ouvert.", "Selon Marie il pleuvait.",
    "Le voisin Henri a vu.",
]  # fmt: skip


def test_names_in_running_text_that_nobody_knows_are_not_hidden_as_the_docstring_says() -> None:
    left = [hidden(text) for text in RUNNING]

    assert len(RUNNING) == 30
    assert [text for text in left if "[NAME" in text] == []


def test_a_name_of_running_text_is_hidden_once_the_house_knows_it() -> None:
    names = [Known("NAME", name) for name in ("Karim", "Sanne", "Jürgen", "Sophie")]

    left = [hidden(text, *names) for text in RUNNING]

    assert sum("[NAME_1]" in text for text in left) == 7
    assert not re.search("Karim|Sanne|Jürgen|Sophie", " ".join(left))


# --- what the house knows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("bas de vries belde", "[NAME_1] belde"),
        ("BAS DE VRIES belde", "[NAME_1] belde"),
        ("Bas-de  Vries belde", "[NAME_1] belde"),
        ("de auto van Vries", "de auto van [NAME_1]"),
        ("het vries vak is stuk", "het vries vak is stuk"),
        ("De Vriesersbaas, Baskisch", "De Vriesersbaas, Baskisch"),
        ("Bas en Vries", "[NAME_1] en [NAME_2]"),
    ],
)
def test_a_known_name_is_hidden_as_a_whole_word_and_its_parts_where_they_have_a_capital(text: str, left: str) -> None:
    assert hidden(text, Known("NAME", "Bas de Vries")) == left


def test_a_known_name_is_found_with_or_without_its_accents_and_shown_as_the_house_writes_it() -> None:
    mask = Mask([Known("NAME", "José Núñez")])

    left = mask.hide("hier is jose nunez").text

    assert left == "hier is [NAME_1]"
    assert mask.show(left) == "hier is José Núñez"


def test_a_known_street_is_hidden_without_its_number_and_a_town_is_not() -> None:
    known = Known("ADDRESS", "Molenpad 7, 1234 AB Utrecht")

    assert hidden("bij het molenpad in Utrecht, molenpad 7", known) == "bij het [ADDRESS_1] in Utrecht, [ADDRESS_2]"


def test_a_known_telephone_number_has_one_token_with_and_without_its_country() -> None:
    mask = Mask([Known("PHONE", "06-12345678")])

    left = mask.hide("bel +31 6 12345678 of 0612345678").text

    assert left == "bel [PHONE_1] of [PHONE_1]"
    assert mask.show(left) == "bel 06-12345678 of 06-12345678"


def test_what_was_hidden_behind_a_cue_is_hidden_in_a_later_text_without_one() -> None:
    mask = Mask()
    mask.hide("kenteken 16 RSL 9\nMet vriendelijke groet,\nKarim Haddad")

    left = mask.hide("Haddad reed in de 16RSL9, dus Karim Haddad.").text

    assert left == "[NAME_2] reed in de [PLATE_1], dus [NAME_1]."


@pytest.mark.parametrize("value", ["", " ", "-", "\u200b"])
def test_an_empty_known_value_hides_nothing(value: str) -> None:
    assert hidden("een gewone - zin", Known("NAME", value), Known("ADDRESS", value)) == "een gewone - zin"


# --- tokens -------------------------------------------------------------------------------------------------------


def test_a_token_that_the_customer_wrote_never_becomes_a_value() -> None:
    mask = Mask()

    left = mask.hide("mail bas@example.nl, en [EMAIL_1] [ email_1 ] ［EMAIL_1］ [TEXT_1] [E\u200bMAIL_1]").text

    assert left == "mail [EMAIL_1], en [TEXT_1] [TEXT_2] [TEXT_3] [TEXT_4] [TEXT_1]"
    assert mask.show(left) == "mail bas@example.nl, en [EMAIL_1] [ email_1 ] ［EMAIL_1］ [TEXT_1] [EMAIL_1]"


@pytest.mark.parametrize("token", ["[NAME_1]", "[name_1]", "[ Name_1 ]", "[NAME 1]", "[NAME_01]"])
def test_a_token_is_known_back_however_a_model_spells_it(token: str) -> None:
    mask = Mask([Known("NAME", "Bas de Vries")])
    mask.hide("bas de vries")

    assert mask.show(f"Dag {token}.") == "Dag Bas de Vries."


def test_an_unknown_token_stays_as_it_is() -> None:
    mask = Mask()
    mask.hide("bas@example.nl")

    assert mask.show("[EMAIL_2] [NAME_1] [FOO_1] [EMAIL_1]") == "[EMAIL_2] [NAME_1] [FOO_1] bas@example.nl"


def test_the_representation_of_what_is_hidden_tells_nobody_s_value() -> None:
    mask = Mask([Known("NAME", "Bas de Vries")])
    left = mask.hide("Bas de Vries, bas@example.nl")

    assert "Vries" not in repr(left) + repr(mask)
    assert "example" not in repr(left) + repr(mask)


# --- what people cannot see ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unseen",
    ["\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u00ad", "\ufe0f", "\u180e", "\u3164", "\x00", "\x1b", "\x85",
     "\ud800", "\U000e0001", "\U000e0041\U000e0042", "\U000e0101\U000e0102"],
)  # fmt: skip
def test_what_people_cannot_see_does_not_leave_and_places_count_it(unseen: str) -> None:
    text = f"een {unseen}bar{unseen}st in 06-1234{unseen}5678 x"
    left = Mask().hide(text)

    start = left.text.index("barst")
    begin, end = left.place(start, start + 5)

    assert left.text == "een barst in [PHONE_1] x"
    assert text[begin:end] == f"bar{unseen}st"
    assert left.text.encode()


def test_newlines_tabs_accents_and_other_scripts_stay() -> None:
    assert hidden("a\tb\r\nc\rd é e\u0301 水漏れ تسرب 👍") == "a\tb\nc\nd é e\u0301 水漏れ تسرب 👍"


# --- places -------------------------------------------------------------------------------------------------------


def test_a_place_inside_a_token_widens_to_the_whole_value() -> None:
    text = "bel 06-12345678 nu"
    left = Mask().hide(text)
    inside = left.text.index("ONE_1")

    assert [text[slice(*left.place(*span))] for span in [(inside, inside + 2), (inside, inside), (0, inside)]] == [
        "06-12345678", "06-12345678", "bel 06-12345678",
    ]  # fmt: skip
    assert left.place(0, 0) == (0, 0)
    assert left.place(len(left.text), len(left.text)) == (len(text), len(text))


@pytest.mark.parametrize("span", [(-1, 2), (3, 2), (0, 99)])
def test_a_place_outside_the_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="give a span within 0 to 4"):
        Mask().hide("glas").place(*span)


def test_an_empty_text_has_one_place() -> None:
    assert Mask().hide("").place(0, 0) == Mask().hide("\u200b").place(0, 0) == (0, 0)
