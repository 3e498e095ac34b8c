"""Dutch and English turns of phrase that tell of danger without naming it. Same notation as `danger_words`."""

from cases.vocabulary import Danger
from pipelines.reading.danger_words import BODY_EN, BODY_NL, CHILD, RELATIVE, Pair

_AT_HOME = r"(?:flat|house|home|building|apartment|bedroom|bathroom|room|toilet|loo|cellar|kitchen)"

HINTS: dict[Danger, str] = {
    Danger.GAS: r"""
sulphur\w*|sulfur\w*|gas (?:blijft|keeps) (?:\w+ )?(?:stromen|komen|lopen|coming|flowing|running)|letting gas
(?:gas~)?(?:leiding|buis) (?:\w+ ){0,2}(?:doorgezaagd|door~geboord|geraakt|kapot~getrokken)
(?:through|into|hit) (?:the|a) (?:gas )?mains
uitlaat~gas\w* (?:\w+ ){0,3}(?:binnen|cabine|auto|huis)|exhaust (?:\w+ ){0,3}(?:cabin|inside|indoors)
""",
    Danger.FIRE: r"""
lichter~laaie|in de hens|(?:af|uit)~gefikt|fikken|walm\w*|alight|embers?|charred|singed|kool~zwart
(?:auto|wagen|car|bike|fiets|scooter|schuur|container|shed) (?:\w+ ){0,5}aan~gestoken|torch(?:ed|ing)
(?:put|putting) (?:it|the \w+) out with|geblust|gedoofd|extinguish(?:ed|ing)|te gloeien|rood~gloeiend\w*
(?:glow\w*|red) (?:red|hot)|(?:wall|muur|plafond|plaster|socket|stopcontact) (?:\w+ ){0,3}(?:is|feels|voelt
wordt) (?:\w+ )?(?:hot|heet)
knetter\w*|went up in (?:flames|smoke)
""",
    Danger.INJURY: r"""
kreunt|kreunen\w*|groaning|beweging~loos|motionless|niet (?:meer )?aanspreekbaar|unresponsive
reageert (?:nergens|niet) (?:meer )?op (?:mij|ons|mijn|aanspreken|zijn|haar)|(?:she|he|mother|father|mum|dad|gran
wife|husband|son|daughter|baby) (?:\w+ ){0,3}(?:not
doesn'?t|isn'?t|won'?t) respond(?:ing)?
(?:won'?t|will not) wake|niet wakker te (?:krijgen|maken)|blacked out|(?:lost|losing) consciousness
even weg~? ?geweest|wartaal|gibberish|dubbel (?:zien|zie|ziet)|zie\w* (?:\w+ )?dubbel|(?:see|seeing) double
throwing up|threw up|overgeven|overgeeft|gevoelloos\w*|tintel\w*|tingl\w*|draaierig\w*|woozy
light~headed|head (?:is )?(?:swimming|spinning)|drowsy
(?:amper|nauwelijks|niet meer) (?:overeind|lopen|staan|opstaan)|(?:barely|hardly|can'?t|cannot) (?:stand|walk|get up)
getuimeld|tumbled|open~(?:gehaald|gereten)|tendons?|pees door|blaren|blisters?|blistered|x~ray\w*|rontgen\w*
knocked (?:off|over|from) (?:my|his|her|the) (?:\w+ )?(?:bike|bicycle|scooter|moped|feet|horse)
(?:came|comes|coming) off (?:the|his|her|my|a) (?:\w+ )?(?:ladder|bike|bicycle|motorbike|motorcycle|scooter|moped)
(?:throat|keel) (?:\w+ ){0,2}(?:clos\w*|dicht|swell\w*|swollen|dik)|allergi\w* react\w*|huid~uitslag
uitslag op (?:mijn|haar|zijn)|a rash|rash on
belt of electricity|tik van (?:de )?stroom|jolt from|under anaesthe\w*|operated on
""",
    Danger.DEATH: r"""
lijk~lucht\w*|lifeless|(?:niet|not) (?:\w+ )?(?:overleefd|survived?)|(?:did|does)(?:n'?t| not) (?:survive|make it)
het (?:\w+ )?niet (?:gehaald|gered)|overleeft het niet|death certificate|overlijdens~akte|akte van overlijden
executor|estate of|the late (?:mr|mrs|ms|miss|dr)|no longer alive|niet meer in leven|stillborn|dood~geboren
took (?:his|her|their) own life|stap\w* uit het leven|bury|burying|buried|is gone forever
(?:isn'?t|is not|no longer) with us
""",
    Danger.SHUT_IN: r"""
between (?:two )?floors|tussen (?:de |twee )?(?:verdiepingen|etages)
(?:deur|huis|woning|flat|\w*kamer|portiek|toilet|wc|kelder) niet (?:meer |veilig )?(?:uit|verlaten|uitkomen|uitkom)
(?:can'?t|cannot|can not|couldn'?t|could not|none of us can|no ?one can|unable to) (?:\w+ )?(?:come|climb|crawl) out
prisoners? in|als ratten in de val
""",
    Danger.DISTRESS: r"""
afscheids~brie\w*|goodbye (?:note|letter)\w*|suicide note|overdos\w*|pill(?:s|en) (?:\w+ ){0,2}(?:klaar\w*
geslikt|ingenomen|lined|ready|saved)
(?:beter|better) (?:af )?(?:\w+ )?(?:zonder|without) (?:mij|me)|(?:won'?t|will not) be (?:around|here
alive) (?:tomorrow|much|any|next)
(?:nothing|niets|niks) (?:\w+ ){0,2}(?:live for|voor te leven)|end of my (?:rope|tether)
aan het eind van (?:mijn|m'n) (?:latijn|krachten)
see (?:a|any|no) way (?:forward|out)|(?:rather|want to|wish i was|better) not (?:to )?be here
hoeft (?:het )?(?:voor|van) mij niet meer
van mij hoeft het niet meer|jump(?:ing)? (?:off|from|in front)|throw\w* (?:my|him|her)self|(?:gooi|gooit
gooien) (?:zich|me|mij|mezelf) voor
iets aan te doen|iets aan~?doen|dreigt (?:mij|me|ons|haar|hem) |(?:kill|hurt|harm) (?:me|us|the kids
my (?:kids|children))
(?:hear|hoor) (?:her|him|haar|hem|them|ze) (?:\w+ ){0,3}(?:gil\w*|scream\w*|schreeuw\w*)|(?:volgt|follows
following) (?:mij|me|us)
(?:fear|fears|feared) for (?:my|our|her|his) li\w+|vrees\w* (?:\w+ )?voor (?:mijn|ons|haar|zijn) leven
(?:niets|niks|nothing|niet|n'?t|not) (?:\w+ ){0,2}(?:gegeten|eaten)|sleeping rough|beside myself
(?:slaap|slapen|sleep|sleeping) (?:\w+ ){0,3}in (?:de|mijn|my|the|our) (?:auto|car)|get through (?:the|another) day
de dag (?:\w+ ){0,2}door|(?:cry|crying|huil) (?:my|him|her)?self|kapot van (?:verdriet|ellende)
(?:sta|zit) te trillen
(?:wil|willen|want to) (?:\w+ )?wak\w+ (?:worden|up)|wakker wil worden
""",
    Danger.VULNERABILITY: r"""
tube feed\w*|feeding tube|life support|immune system|immuun\w*|bed~bound|learning (?:difficult|disabilit)\w*
slechtziend\w*|partially sighted|autis\w*|frail|in (?:onze|our|hun|their|mijn|my) (?:\w+ )?(?:tachtig
eighties|negentig|nineties)
ver in de (?:tachtig|negentig)|lung condition|luchtweg~aandoening\w*|long~aandoening\w*
""",
}

HINT_PAIRS: tuple[Pair, ...] = (
    Pair(
        Danger.GAS,
        r"sist|sissen\w*|sissend\w*|gesis|hiss\w*|bruist|blaast|blowing|whistling",
        r"""
            gas\w*|\w*leiding|pipes?|buis|hob|fornuis|kookplaat|cooker|oven|ketel|boiler|fles|bottle
            geiser|kachel|wall|muur|meter~kast
        """,
        60,
    ),
    Pair(
        Danger.GAS,
        r"stank|geur|ruikt|stinkt|smells?|smelling|odou?r|stench|reeks|whiffs?|ruik|ruiken",
        r"""
            meter~kast|meter cupboard|ketel\w*|geiser|fornuis|kookplaat|gas~kraan|main valve|boiler|hob
            cooker|water heater|fireplace|haard
        """,
        60,
    ),
    Pair(
        Danger.GAS,
        r"benzine|brandstof|petrol|fuel|lpg\w*|diesel",
        r"lekt|lekken|lekkage|drupp?el\w*|druipt|stroomt|dripping|drips|leak\w*|running under|pouring|damp|fumes",
        35,
    ),
    Pair(
        Danger.GAS,
        r"(?:gas|propaan)~fles\w*|(?:gas )?cylinder|gas bottle|propane bottle",
        r"blaast|lekt|barst|venting|leak\w*|crack\w*|broken valve|sist",
        60,
    ),
    Pair(
        Danger.GAS,
        r"geiser|ketel|kachel|boiler|heater",
        r"suf|slaperig|misselijk|sleepy|drowsy|dizzy|faint|sick",
        70,
    ),
    Pair(
        Danger.FIRE,
        r"""
            e~bike\w*|step|power~bank|extension lead|verlengsnoer|omvormer|afzuigkap|kortsluiting|accu
            battery|light switch|lichtschakelaar|fuse box|meterkast|charger|oplader|short~circuit\w*
        """,
        r"bolt op|bol|swell\w*|swollen|glow\w*|gloei\w*|gloeiend|too hot|heet|knal|flash|vuur|ploft\w*|went off",
        60,
    ),
    Pair(
        Danger.INJURY,
        rf"{BODY_NL}|{BODY_EN}",
        r"(?:can'?t|cannot|couldn'?t) (?:move|feel|turn|lift)|niet (?:meer )?(?:bewegen|voelen|draaien|optillen)",
        30,
    ),
    Pair(
        Danger.DEATH,
        r"buurman|buurvrouw|bewoner|bewoonster|neighbour|resident|tenant|huurder|old (?:man|lady)|(?:man|woman) at",
        r"(?:dagen|weken) niet (?:meer )?gezien|not (?:been )?seen|n'?t seen|nobody has seen|doet (?:al )?niet open",
        60,
    ),
    Pair(
        Danger.DEATH,
        rf"{RELATIVE}|{CHILD}|broer|zus|brother|sister|partner",
        r"is er (?:\w+ ){0,3}niet meer|was gone before|has gone|slipped away|losing",
        25,
    ),
    Pair(
        Danger.SHUT_IN,
        r"lift|elevator|lift~?schacht|lift shaft|kelder|basement",
        r"""
            (?:iemand|somebody|someone|people|mensen|vrouw|woman|kind|child) (?:\w+ ){0,3}(?:roep\w*
            shout\w*|schreeuw\w*|klopt|knock\w*|banging|calling)|(?:of us|\w+ man|mensen|people) in
        """,
        60,
    ),
    Pair(
        Danger.SHUT_IN,
        rf"""
            {CHILD} (?:\w+ ){{0,3}}(?:op de achterbank|on the back ?seat|in (?:de|the) (?:auto|car|wagen))
            {CHILD} (?:\w+ ){{0,4}}(?:other side of|andere kant van|behind|achter) (?:the|de) (?:\w+ )?\w*(?:door|deur)
        """,
        r"slot|lock\w*|keys?|sleutel\w*|dicht|shut|portier\w*|opens?|openkrijg\w*|jammed|klemt",
        70,
    ),
    Pair(
        Danger.SHUT_IN,
        r"can'?t|cannot|can not|couldn'?t|could not|none of us|nobody|unable",
        rf"(?:leave|exit|get outside|get out of|get through) ?(?:(?:the|our|my|her|his) {_AT_HOME})?",
        12,
    ),
    Pair(
        Danger.SHUT_IN,
        rf"{RELATIVE}|{CHILD}|client",
        r"(?:is|zit|are|zitten) (?:still|nog) in (?:the|de) (?:car|auto|wagen|lift|kelder|cellar)",
        8,
    ),
    Pair(Danger.SHUT_IN, rf"{BODY_EN}|husband|wife|man|woman", r"wedged|pinned", 25),
    Pair(
        Danger.SHUT_IN,
        r"nood~uitgang|fire exit|emergency exit|vlucht~weg",
        r"geblokkeerd|blocked|versperd|dicht|could not|konden|locked",
        60,
    ),
    Pair(
        Danger.DISTRESS,
        r"mes|messen|knife|knives|gun|pistool|machete|bijl|axe",
        r"zwaai\w*|gezwaaid|waving|waved|dreig\w*|threat\w*|stak|gestoken|stabbed|holding|attack\w*",
        30,
    ),
)
