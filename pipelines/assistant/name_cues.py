"""The words that stand beside a name in Dutch, English, German and French, and the words that are none."""

import re


def _words(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


def _cue(lines: str, *, before: str = r"(?<![^\W_])", after: str = r"[ \t]{1,2}") -> re.Pattern[str]:
    """Each line is one way to say it."""
    ways = "|".join(line.strip() for line in lines.strip().splitlines())
    return re.compile(rf"{before}(?:{ways}){after}", re.IGNORECASE | re.MULTILINE)


PARTICLES = _words("""
    van von vom zu zum zur de den der des het 't ter ten te di da do dos du del della la le les el al bin ben ibn op in
    aan y e en und and et & d l dit
""")  # `en` and its like join two names: Bas en Anna
JOINERS = _words("en und and et & y e")
TITLES = _words("""
    heer mevrouw mevr mw dhr meneer mijnheer hr familie fam mr mrs ms miss mx sir madam dr drs ir ing prof herr herrn
    frau familien monsieur madame mademoiselle mme mlle heer/mevrouw
""")
NO_NAMES = _words("""
    klantenservice klantendienst medewerker medewerkers team collega collega's allen allemaal iedereen mensen service
    afdeling customer customers support help helpdesk sir madam all everyone there both colleagues damen herren
    kundendienst kundenservice zusammen kolleginnen kollegen tous toutes client clients redactie lezer relatie heren
    dames mevrouw heer meneer ik ben we wij u uw mijn de het een is was niet met voor naar ook nog al dit dat geen
    graag and the i my your our you it this that please no not have has had can could would will if when ich sie
    wir ihr mein der die das ein eine nicht bitte je vous nous il elle mon ma mes votre une pas ce cette en van sent
    verzonden verstuurd envoyé gesendet regards groet groeten groetjes grüße cordialement thanks thank bedankt dank
    danke merci
    january february march april may june july august september october november december januar februar märz mai
    juni juli oktober dezember januari februari maart mei augustus monday tuesday wednesday thursday friday saturday
    sunday montag dienstag mittwoch donnerstag freitag samstag sonntag euro ja nee yes no oui non nein ok okay
    asap am pm uhr
""")

_ROW = r"^[ \t>*-]{0,8}"
CLOSING = _cue(
    """
    (?:met )?(?:de )?(?:vriendelijke|hartelijke|beste|lieve|warme|zonnige) groet(?:en|jes)?
    groet(?:en|jes)?
    gr(?=[ .,]{0,4}(?:\\n|[A-Z]))
    grtz|hgr|mvrgr|mvgr|liefs|x{1,3}
    ciao|take care|greetings|best(?=,)|br(?=,)|love(?=,)
    m\\.?v\\.?g\\.?
    m\\.?f\\.?g\\.?
    hoogachtend
    (?:kind(?:est)?|best|warm|with kind|many) regards
    regards
    yours(?: (?:sincerely|faithfully|truly))?
    sincerely(?: yours)?
    best wishes
    all the best
    cheers
    (?:bien )?cordialement
    bien à vous
    (?:sincères |meilleures )?salutations(?: distinguées)?
    (?:mit )?(?:freundlichen?|besten?|vielen?|lieben?|herzlichen?) gr(?:ü|ue)(?:ß|ss)en?
    hochachtungsvoll
    [lv]g(?=[ ,]{0,3}\\n)
    """,
    after=r"(?: van| from| von| de)?(?![^\W_])[ \t]{0,3}[,.!;:–-]{0,2}",  # noqa: RUF001  # a dash under a letter
)
THANKS = _cue(
    """
    (?:alvast )?(?:hartelijk |heel erg )?(?:be)?dankt?(?: (?:u|je))?(?: wel)?(?: alvast)?
    (?:many )?thanks(?: in advance)?
    thank you(?: in advance)?
    merci(?: d'avance)?
    (?:vielen )?danke?(?: im voraus)?
    """,
    after=r"[ \t]{0,3}[,.!]{0,2}[ \t]{0,3}(?=\n)",
)
NAMED = _cue(
    """
    my name is
    my name's
    mijn naam is
    m'n naam is
    ik heet
    de naam is
    mein name ist
    ich hei(?:ß|ss)e
    je m.appelle
    mon nom est
    moi c.est
    spreekt? met
    ondergetekende
    the undersigned
    """,
    after=r"[ \t:,]{1,3}",
)
FIELD = _cue(
    """
    (?:volledige |first |last |full |sur|fore|voor|achter|vor|nach|familien)?(?:naam|names?)
    nom
    prénom
    nom et prénom
    (?:naam|name)(?: of| van| der)?(?: de)? ?(?:verzekerde|klant|contactpersoon|policyholder|customer|insured)
    contactpersoon
    verzekerde
    afz\\.?
    afzender
    policyholder
    insured
    verzekeringnemer
    """,
    before=_ROW,
    after=r"[ \t]?[:=][ \t]{0,4}",
)
HEAD = _cue("van|from|von|de|aan|to|an|à|cc|bcc", before=_ROW, after=r"[ \t]?:[ \t]{0,4}\"?")
I_AM = _cue("ik ben|i am|i.m|ich bin|je suis|hier is|hier ist|this is")
TITLE = _cue(
    "heer|mevrouw|mevr\\.?|mw\\.?|dhr\\.?|meneer|mijnheer|familie|fam\\.|mr\\.?|mrs\\.?|ms\\.?"
    "|(?-i:Miss)|drs?\\.|ir\\.|prof\\.?"
    "|herrn?|frau|monsieur|madame|mademoiselle|mme|mlle"
)
BELONGING = _cue(
    """
    (?:op |ten |op de |in |in the |auf den )?na(?:am|me|men) (?:van|of|von)
    au nom de
    t\\.?n\\.?v\\.?
    (?:hallo|hoi|hi|dag|goede(?:morgen|middag|navond|ndag)),? met
    (?:mijn|onze) (?:ex-?)?(?:vrouw|man|zoon|dochter|buurman|buurvrouw|moeder|vader|broer|zus|vriendin|vriend)
    (?:mijn|onze) (?:collega|oma|opa|huisgenoot|huurder|verhuurder)
    (?:my|our) (?:ex-?)?(?:wife|husband|son|daughter|neighbou?r|mother|father|brother|sister|partner|friend)
    (?:my|our) (?:colleague|landlord|tenant|flatmate)
    (?:mon|ma|notre) (?:femme|mari|fils|fille|voisine?|mère|père|frère|sœur|soeur|amie?|collègue)
    """,
    after=r"[ \t:,]{1,3}",
)
OPENING = _cue("beste|geachte|dear|lieve|sehr geehrter?|liebe[rs]?|cher|chère", before=_ROW)
GREETING = _cue(
    "dag|hallo|hoi|hey|hi|hello|guten (?:tag|morgen|abend)|bonjour|bonsoir|goede(?:morgen|middag|navond|ndag)"
    "|good (?:morning|afternoon|evening)",
    before=_ROW,
    after=r"[ \t]{1,2}(?=[^\n,.!;:]{1,40}(?:[,.!;:\n]|$))",
)
BEFORE_ADDRESS = re.compile(r"(?<![^\W_])(?:[^\W\d_][\w'’.-]{0,40}[ ]){1,5}(?=<[^\s<>@]{1,64}@)")  # noqa: RUF001

#: What follows the writer's own words: what a telephone adds, and the mail that is answered.
AFTERWARDS = re.compile(
    r"^[ \t]{0,4}(?:>|verzonden (?:vanaf|met|via)|verstuurd vanaf|sent (?:from|with) |get outlook"
    r"|von meinem |gesendet (?:von|mit)"
    r"|envoyé (?:de|depuis)|-{2,}|_{5,}"
    r"|(?:op|on|am|le) .{4,120}(?:schreef|wrote|schrieb|écrit))",
    re.IGNORECASE | re.MULTILINE,
)
SENTENCE_ENDS = re.compile(
    r"(?:[.!?)]|\d{3}[,.;]?|[A-Z\d]-[A-Z\d]{1,3}[,.;]?"
    r"|(?i:thanks|thank you|bedankt|dank u|dank je|merci|danke),)[ ]{1,2}"
)
