"""The built-in Dutch and English words of danger, and the harmless phrases that look like them.

Written for folded text (lower case, ASCII). Each line is one RE2 pattern between word boundaries; a space
stands for any run of white space, hyphens or underscores, and `~` for such a run or nothing, as customers
split and join compounds at will. A line may be broken at any `|`, also inside a group: lines are joined with
it. The list errs on the side of alarm: a person looks, nothing else happens.
"""

from typing import NamedTuple

from cases.vocabulary import Danger


class Pair(NamedTuple):
    """Two words that mean danger only near each other: within `reach` characters, in either order."""

    danger: Danger
    one: str
    other: str
    reach: int = 45
    across_sentences: bool = False


_ROOM = (
    r"(?:lift|elevator|toilet|wc|badkamer|douche|kelder|schuur|garage|kamer|slaapkamer|huis|woning"
    r"|berging|portiek"
    r"|trappenhuis|flat|auto|wagen|hal|zolder|bathroom|loo|shower|room|bedroom|house|home|cellar|basement"
    r"|car|attic"
    r"|shed|building|hallway|stairwell|apartment)"
)
_THE = r"(?:de|het|een|mijn|onze|ons|hun|zijn|haar|'t|the|a|an|my|our|his|her|their|this)"
CHILD = (
    r"(?:kind|kinderen|kindje|kleinkind|baby|babytje|peuter|kleuter|zoon|zoontje|dochter|dochtertje"
    r"|child|children"
    r"|toddler|son|daughter|kids?)"
)
RELATIVE = (
    r"(?:man|vrouw|moeder|vader|mama|papa|oma|opa|buurman|buurvrouw|husband|wife|mother|father|mum|mom"
    r"|dad)"
)
BODY_NL = (
    r"(?:hoofd|nek|rug|arm|armen|been|benen|pols|knie|hand|handen|vingers?|duim|voet|voeten|ribben|rib"
    r"|heup|schouder"
    r"|tand|tanden|neus|oog|ogen|sleutelbeen|teen|gezicht|buik|borst|enkel)"
)
BODY_EN = (
    r"(?:head|neck|arm|arms|leg|legs|wrist|ankle|knee|hand|hands|fingers?|thumb|foot|feet|ribs?|hip"
    r"|shoulder|nose"
    r"|eyes?|toe|face|skull|collarbone|elbow|tooth|teeth)"
)

CUES: dict[Danger, str] = {
    Danger.GAS: r"""
gas~l(?:u|uu|o)(?:ch|g|gh|cg|c|ht)t?\w*
gas~(?:geur|stank|lek|lekt|lekken|lekkage|ontsnapping|explosie|damp|vergiftiging|reuk)\w*
lek(?:kend|kende|ke)? gas\w*
gas leak\w*|leak\w* gas|gas (?:\w+ )?(?:vrij|uit het|uit de|coming out)|gas (?:sme\w*|odou?r|fumes
stench|escap|poison)\w*
smell\w* (?:\w+ )?gas|stink\w* (?:of|naar|like) gas
ko{1,2}l(?:en|e)?~mono?[xk]\w+|carbon~mono?x\w+|kool~damp\w*|mono?x(?:ide|yde)
co~(?:melder|alarm|detector|meter|vergiftiging|poisoning|uitstoot gemeten)\w*|co2?~monitor (?:gaat
piept|is going|went)\w*
benzine~(?:luch?t|lugt|geur|damp|stank)\w*
(?:smell\w*|stink\w*|reek\w*|fumes) (?:\w+ ){0,2}(?:petrol|gasoline|benzine|diesel|propane)
petrol (?:fumes|smell)
(?:ruik\w*|stink\w*) (?:\w+ ){0,2}(?:benzine|propaan|butaan)
rotte? (?:eieren|ei)|rotten eggs?
rook~gas\w*|verbrandings~gas\w*|fumes
""",
    Danger.FIRE: r"""
brand|brand(?:t|de|den|end|ende|en)
(?:woning|keuken|auto|schoorsteen|dak|binnen|buiten|kelder|meterkast|container|droger|wasdroger
vet|pan|flat|huis|zolder|schuur|garage|accu|batterij|vuur|kamer|uitslaande)~brand\w*
brand~(?:luch?t|lugt|lught|geur|schade|weer|alarm|haard|vlek|gevaar|plek|stichting|meld|stank|je|jes)\w*
(?:af|uit|plat)~gebrand|vlam|vlammen|vlam~vat\w*|steek~vlam\w*|vuur|vuurtje|vuur~zee
vuur~gevaar\w*|in de fik|fikt
rook|rook~(?:ontwikkeling|luch?t|lugt|schade|wolk|pluim|alarm|geur)\w*
smeul\w*|ge?smeul\w*|vonk|vonken|vonkt|schroei\w*|geschroei\w*|verschroeid\w*
ontplof\w*|explosi\w*|explode\w*|exploding|geexplodeerd|explodeer\w*
fires?|flames?|flaming|smoke|smoky|smoking|burning|burnt|burned|burns?
sparks?|sparking|sparked|(?:blew|blown|blow) up|ablaze|blaze|inferno|smou?lder\w*|scorch\w*|arson
(?:caught|catch\w*|set) (?:on )?fire|(?:smoke (?:detector|alarm)s?|(?:rook|brand)~(?:melder
alarm)s?) (?:\w+ ){0,3}(?:gaat|ging|gaan|gingen|af|afgegaan|loeit\w*|go(?:es|ing)?|went|sound\w*
ringing)
(?:gaat|ging|gaan) (?:de|het|mijn|alle) (?:rook|brand)~(?:melder|alarm)s?
""",
    Danger.INJURY: r"""
gewon(?:d|dt|t|de|den|te|ten)|licht~gewonden?|zwaar~gewonden?|verwond|verwondt?|verwonding\w*
letsel\w*|lichamelijk~letsel\w*
bloed|bloedt|bloeden|bloedde|bloedend\w*|gebloed|\w*bloeding\w*|bloedneus\w*|bebloed\w*
whip~las\w*|wip~las\w*|hersen~(?:schudding|letsel|schade)\w*|pijn|pijnlijk\w*|\w*pijnen
(?:nek|rug|hoofd|borst|buik|schouder|knie|ribben|been|arm|pols|hand|oor|keel)~(?:pijn|klacht|letsel)\w*
zieken~huis\w*|zieken~wagen|ambula\w*|eerste~hulp\w*|seh|spoed~eisende\w*|ehbo|huisartsen~post
trauma~(?:helikopter|arts)
bewust~eloos\w*|bewusteloze|buiten (?:bewustzijn|westen)|flauw~(?:gevallen|viel|valt)|(?:viel|val
valt) flauw|knock~out|last van (?:mijn|m'n|mn|haar|zijn|de|me) (?:\w+ )?(?:nek|rug|hoofd|arm|been
benen|pols|knie|hand|heup|schouder|enkel|voet|oog|ogen)
kneuz\w*|gekneusd\w*|verstuik\w*|verzwikt\w*|brand~wond\w*|snij~wond\w*|schaaf~wond\w*
hoofd~wond\w*|bot~breuk\w*|hechtingen|gehecht
stroom~(?:stoot|schok)\w*|onder stroom|(?:elektrische|electrische) schok\w*|schok (?:ge)?kre\w+
(?:kreeg|krijg\w*|kregen|gekregen) (?:\w+ ){0,2}schok\w*|geen (?:hartslag|pols)|no pulse
geelektro\w*|elektrocutie
(?:uit|onderuit)~gegleden|gleed uit|ten val|van de trap (?:ge)?val\w*|van de trap (?:af)?gevallen
viel van|gevallen (?:en|over|van|op)|struikel\w*|gestruikeld
over~reden|omver~gereden|iemand aan~gereden|geschept|gebeten|bijtwond\w*
benauwd\w*|kort~ademig|adem\w* (?:\w+ )?(?:niet|slecht|moeilijk)|niet (?:goed |meer )?ademen
(?:krijg\w*|kreeg) (?:\w+ )?geen (?:lucht|adem)|stikt|stikken|stikte|verstikking
hart~(?:aanval|infarct|stilstand)|beroerte|hersenbloeding|reanim\w*|gereanimeerd|vergiftig\w*
misselijk\w*|duizelig\w*|overgegeven|legionella
injur(?:y|ed|ies|ing|y's)|ingured|injerd|hurts?|hurting|wounds?|wounded|bleed\w*|bled|blood|bloody
concussion|concussed|fractur\w*|sprain\w*|bruis\w*|stitches|hospital\w*|emergency (?:room
department)|a&e|paramedics?
unconscious\w*|consciousness|faint(?:ed|ing)|passed out|collapsed|electr(?:ic|ical)~shock\w*
electrocut\w*|got (?:a|an) (?:\w+ )?shock|shocked by
scald\w*|(?:head|neck|back|chest|shoulder|knee|leg|arm|stomach|rib)~(?:pains?|injur\w*|aches?)
headaches?|pain|pains|painful|agony
(?:can'?t|cannot|couldn'?t|can not|not|barely|hardly) breath\w*|(?:trouble|difficulty
problems?) breathing|short(?:ness)? of breath|chok(?:ed|ing|es)|suffocat\w*
heart attack|intensive care|intensive~care\w*|cardiac|stroke|seizure|poison\w*|dizzy|dizziness
nause\w*|vomit\w*|food poisoning
knocked (?:down|out|unconscious)|(?:back|neck|head|leg|knee|shoulder|arm)s? (?:is|are) killing me
burn(?:ed|t) (?:my|him|her|them|our)sel\w+|swallowed|ingeslikt|doorgeslikt|verslikt\w*
(?:zich|me|mij|mezelf|zichzelf|mijzelf) (?:\w+ ){0,2}(?:verbrand|gesneden|bezeerd|gestoten|verwond
pijn)|(?:dog|cat|snake|hond|kat|rat) (?:\w+ ){0,4}(?:bit|bites|biting|beet|bijt)
run over|ran over|hit by (?:a|the) (?:car|van|truck|bus|bike|tram)|fell (?:down|off|from|over|and
on)|slipped|tripped|bitten|been attacked|cut (?:me|my|him|her|his|our|us)
""",
    Danger.DEATH: r"""
overle(?:den|de|ed|edt|dene|dn)|overl(?:ij|ei|y)d\w*|gestorven|sterft|sterven|stervend\w*|stierf
sterf~geval|omgekomen|verongelukt
dood|dode|doden|dodelijk\w*|dood~(?:gegaan|gevonden|gereden|gebleven|gestoken)|levenloos|levenloze
ontvallen|niet meer onder ons|afscheid (?:\w+ ){0,3}(?:nemen|genomen)|heengegaan|ingeslapen
erfgena\w*|nalatenschap|verklaring van erfrecht|(?:man|vrouw|moeder|vader|oma|opa) is er niet meer
stoffelijk\w* overschot|lijkschouw\w*
uitvaart\w*|begrafenis\w*|begraven|crematie\w*|gecremeerd|nabestaanden?|weduwe|weduwnaar|vermoord\w*
died|dead|deaths?|deceased|pass(?:ed|es) away|passing away|funerals?|bereave\w*|widow\w*|fatal
fatally|fatalit\w*|killed|murder\w*|dying|cremat\w*|probate|executor of|next of kin
no longer with us
late (?:husband|wife|mother|father|mum|mom|dad|partner|brother|sister)
(?:lost|lose) (?:my|our|his|her|their) (?:\w+ )?(?:husband|wife|mother|father|son|daughter|mum|mom
dad|baby|child|brother|sister|partner)
(?:mijn|onze|haar|zijn) (?:man|vrouw|moeder|vader|zoon|dochter|kind|baby|partner) (?:\w+ )?verloren
""",
    Danger.SHUT_IN: rf"""
op~gesloten|opgeslot\w*|ingesloten door|bekneld\w*|beklemd\w*|trapped|locked (?:in|inside)
shut (?:in|inside)|stuck inside
stuck (?:\w+ )?in (?:{_THE} )?{_ROOM}|(?:kan|kunnen|kunne|kom|komt|komen
mag) (?:\w+ )?{_THE} {_ROOM} niet (?:meer )?(?:uit|verlaten)|stuck (?:between
on the) (?:\w+ )?floors?
vast (?:\w+ )?(?:in|tussen) (?:{_THE} )?{_ROOM}|in {_THE} {_ROOM} vast
vast tussen (?:\w+ )?(?:verdieping|etage)\w*
niet (?:meer )?(?:naar buiten|{_THE} {_ROOM} uit|uit {_THE} {_ROOM})
(?:kan|kunnen|kunne|kon|konden|krijg|krijgen) (?:\w+ )?er (?:\w+ )?niet (?:meer )?uit
nergens (?:meer )?uit
(?:can'?t|cannot|can not|couldn'?t|unable to|not able to) get (?:\w+ )?out|no way out
bevrijd (?:me|ons|mij|haar|hem)|(?:let|get) (?:me|us|him|her|them) out
""",
    Danger.DISTRESS: r"""
zelf~moord\w*|zelf~doding\w*|suici\w+|zelf~beschadig\w*|kill(?:ing)? (?:my|him|her|our)sel\w+
(?:hurt|harm|cut)\w* (?:my|him|her)self|self~harm\w*
end(?:ing)? (?:my|his|her) (?:own )?life|end(?:ing)? it all|ik (?:\w+ )?dood (?:was|ben|ga|wil)
(?:point|reason) (?:of|in|to) (?:living|live|life)|can'?t (?:do|handle|stand|face) (?:this|it
any)\w*|unsafe|not safe|don'?t feel safe|onveilig\w*
chante\w*|gechanteerd|blackmail\w*|hungry|no money for|give up on (?:life|living)|giv\w* up on life
no way forward|ga\w* (?:hier|er)~aan (?:\w+ )?(?:onderdoor|kapot)|denk\w* (?:\w+ )?aan de dood|nergens (?:meer )?zin in
(?:maak|mak)\w* (?:me|mij|ons) kapot
niet veilig|(?:slaat|slaan|sloeg|schopt|wurgt
steekt) (?:mij|me|ons|haar|hem|mijn)|(?:hits?|beats?|hitting|beating) (?:me|us|her)|(?:alles
leven|het) (?:is |lijkt )?(?:zo )?zinloos|weet (?:\w+ ){0,2}niet (?:meer )?(?:hoe
wat) (?:\w+ ){0,4}(?:verder|doen|aanmoet|aan moet)|(?:no|without|not enough) (?:\w+ )?(?:money
cash) (?:\w+ ){0,3}food|geen geld (?:\w+ ){0,4}(?:eten|boodschappen)|take (?:my|his|her) own life
better off dead|(?:no|any) (?:reason|point) (?:to|in) liv\w+|not worth living
(?:want\w*|wanna|going|ready|like|rather|wish\w*) (?:to )?(?:\w+ )?die|(?:don'?t|dont|not
no longer) want to (?:live|be here|wake up|exist)\w*|wish i (?:was|were) dead
niet (?:meer |langer )?(?:willen |wil |verder |te |hoeven te )*leven|never wake up
want to disappear|verdwijnen en nooit|(?:wil|wou|wilde|ga|liever|beter|was ik maar
kan beter) (?:\w+ )?dood|(?:ik )?(?:wil|wou) (?:\w+ ){0,2}niet meer (?:leven|verder|wakker)
(?:einde|eind) (?:\w+ )?aan (?:mijn|m'n|het|me|zijn|haar) leven|er (?:een )?(?:einde
eind) aan (?:\w+ )?maken|maa?k\w* er (?:\w+ )?eind\w* aan|uit het leven (?:ga )?stap\w*
leven (?:\w+ )?(?:geen zin|zinloos)|zin (?:van het|in het) leven
(?:spring|springen|spring ik) (?:\w+ )?(?:van|voor|uit) (?:\w+ )?(?:dak|flat|trein|brug|raam
balkon)|voor de trein|(?:mezelf|mijzelf|zichzelf) (?:\w+ )?iets aan\w*|doe (?:\w+ )?(?:mezelf
mijzelf) (?:\w+ )?iets
zie\w* (?:het|'t) (?:\w+ )?niet meer zitten|trek\w* (?:het|dit|'t) (?:\w+ )?niet (?:meer|langer)
hou\w* (?:het|dit|'t) (?:\w+ )?niet (?:meer |langer )(?:vol|uit)|ik ben (?:helemaal )?op
red (?:het|'t) niet meer|weet (?:me )?geen raad(?: meer)?
kan (?:het |dit |er |echt |gewoon )*niet meer(?: aan| tegen)?(?:\s*[.!?,;)]+\s*|\s*$| (?:en|want
help|dit|zo)|\s*\n\s*)
wanhop\w*|wanhoop\w*|radelo\w*|reddelo\w*|ten einde raad|paniek\w*|gepanikeerd|panik\w*|panic\w*
in tranen|huil|huilt|huilde|huilen\w*|huilend\w*|overstuur|van streek|doods~bang\w*|doods~angst\w*
angst|angstig\w*|angsten|bang|banger|(?:durf\w*|durven) (?:\w+ ){0,3}niet (?:(?:meer|goed|alleen|eens|zelfs) )*(?:naar
thuis|te slapen|slapen|alleen|de straat|de deur|door|buiten|weg|verder|in mijn|te leven|hier|te gaan)
slaap (?:\w+ )?niet meer|slapeloze|uitzichtlo\w*|hopelo\w*|hulpelo\w*|machteloos|depressie\w*
depressief|inzinking|zenuw~inzinking|geen uitweg|wordt (?:me|mij|ons) te veel|getraumatiseerd
trauma\w*
huiselijk geweld|mishandel\w*|bedreig\w*|geweld\w*|gestalkt|stalk\w*|verkracht\w*|aangerand
overval\w*|beroofd|dakloos\w*|uit (?:\w+ )?(?:huis|woning|flat) gezet|huisuitzetting\w*
uitgezet worden|evict\w*|(?:ik|we|wij) (?:\w+ ){0,3}op straat|op straat (?:te )?(?:staan|gezet
komen|leven|slapen)|geen (?:geld (?:\w+ )?)?(?:voor )?eten|geen eten|honger
desperat\w*|despair\w*|crying|cried|cries|in tears|tearful|terrified|scared|frightened|afraid
hopeless\w*|helpless\w*|wits'? end
can'?t (?:cope|go on|take (?:it|this|any)\w*|bear|live like)|cannot (?:cope|go on|take (?:it|this
any)\w*|live like)|at breaking point|nervous breakdown|mental breakdown|breaking down
break down in|distress\w*|distraught|depress(?:ed|ion|ing)|anxiety|panic attack|overwhelmed
traumati\w*|nightmares?
threaten\w*|abus(?:e|ed|ive)|domestic violence|violen\w*|assault\w*|raped?|mugged|robbed|homeless
on the street|no (?:money for )?food|nothing to eat|starving
""",
    Danger.VULNERABILITY: r"""
baby|babys|baby's|babies|babytje|new~born\w*|pas~geboren\w*|zuigeling\w*|tweeling\w*|drieling\w*
twins|triplets|(?:weken|maanden) jong|infants?|couveuse\w*
kraamt\w*|kraambed|kraamvrouw|weken oud|weeks old|maanden oud|months old
zwanger\w*|hoog~zwanger\w*|in verwachting|uitgerekend|bevalling|bevallen van|pregnan\w*
expecting (?:a )?(?:baby|child)|due date in
zuurstof\w*|oxygen|beadem\w*|ventilator|dialyse\w*|dialysis|thuis~beademing|sonde~voeding
nebuli[sz]er|vernevel\w*|medical equipment|medische apparatuur|insuline?
rol~stoel\w*|wheel~chair\w*|scootmobiel\w*|rollator\w*|bed~legerig\w*|bed~ridden|slecht ter been
immobiel|housebound|paraly[sz]ed|verlamd\w*
dement\w*|alzheimer\w*|verward\w*|confused (?:elderly|mother|father)|palliati\w*|terminaal
terminale|terminal(?:ly)? ill\w*|terminal|kanker\w*|cancer|chemo\w*|hartpatient\w*
heart (?:patient|condition)|pacemaker|ms~patient|parkinson\w*|epilep\w*
hoog~bejaard\w*|hulp~behoevend\w*|zorg~behoevend\w*|mantelzorg\w*|gehandicapt\w*|invalide
verstandelijk\w* beperk\w*|disabled|disabilit\w*|special needs|vulnerable|kwetsbaar|kwetsbare
thuiszorg|carer|stuck in bed|trap~lift\w*|stair~lift\w*
""",
}

WEAK_VULNERABILITY = r"""
bejaard\w*|oude? (?:moeder|vader|vrouw|man|mensen|buurvrouw|buurman|dame|heer)|ouder(?:e
en) (?:mensen|dame|heer|vrouw|man)|oma|opa|grand(?:mother|father|ma|pa|parents)|gran|elderly
senior|pensioner|old (?:lady|man|woman|mother|father|age)|[789]\d(?: jaar| jarige?| years?| yrs?
plus|er)\w*|(?:aged|of|van|is|am|ben) (?:1?0?[789]\d)|op leeftijd|alleenstaand\w*|lives? alone
living alone|woont alleen|(?:kleine |jonge )?(?:kinderen|kindjes|kindje|kids|children|kind|child
peuter|kleuter|toddler|zoontje|dochtertje)|small child\w*|young child\w*|ziek|zieke|ernstig ziek
ill|sick|ms|multiple sclerose|astma\w*|asthma\w*|copd|longpatient\w*|diabet\w*|blind|doof|deaf
suiker~ziekte|reuma\w*
"""
NEED = r"""
geen (?:\w+ )?(?:verwarming|warmte|warm water|heet water|water|stroom|elektra|elektriciteit|gas
eten|medicijn\w*|toilet|licht)|zonder (?:\w+ )?(?:verwarming|warmte|warm water|water|stroom
elektra|elektriciteit|gas|licht|lift|eten)|kou|koud|ijskoud\w*|steenkoud|bevrie\w*|vriest|hitte
no (?:\w+ )?(?:heat|heating|hot water|water|power|electric\w*|gas|light|lift|food|medic\w*|toilet)
without (?:\w+ )?(?:heat|heating|hot water|water|power|electric\w*|gas|lights?|food|medic\w*)|cold
freez\w*|frozen|(?:heating|boiler|verwarming|cv|ketel|kachel|lift|elevator|water|stroom
power) (?:\w+ ){0,5}(?:broken|not working|down|off|out|kapot|stuk|niet|uit|afgesloten|uitgevallen
storing|defect|doesn'?t|failed)|schimmel|mould|mold|alone|alleen thuis|helemaal alleen|hulp nodig
needs help|gevallen|fell|kan niet (?:naar|de|lopen)|afgesloten|cut off|disconnect\w*
"""

PAIRS: tuple[Pair, ...] = (
    Pair(
        Danger.GAS,
        r"""
            gas|aard~gas|propaan\w*|butaan\w*|propane|butane|camping~gas|gas~(?:fles|kraan|leiding
            fornuis|kachel|slang|buis|pijp|pit|haard|meter|aansluiting|bottle|pipe|cooker|hob|tap
            canister)\w*
        """,
        r"""
            ruik\w*|ruikt|ruiken|rook|riek\w*|geroken|geur|stink\w*|stank|stonk|lek|lekt|lekke\w*
            lekkage\w*|ontsnap\w*|sist|sissen\w*|gesis|smel(?:l|t)\w*|stench|odou?r|leak\w*
            hiss\w*|fumes|escap\w*|open (?:staan|laten|gelaten)|left on
        """,
    ),
    Pair(
        Danger.GAS,
        r"co",
        r"alarm|melder|detector|vergiftig\w*|poison\w*|piep\w*|gaat af|ging af|beep\w*|waarde|te hoog",
        20,
    ),
    Pair(
        Danger.FIRE,
        r"""
            stop~contact\w*|stekker\w*|meter~kast\w*|groepen~kast\w*|stoppen~kast|lader|oplader
            accu|batterij|kabels?|snoer|was~machine|was~droger|droger|vaatwasser|oven|magnetron
            televisie|tv|cv|cv~ketel|ketel|boiler|zonnepane\w*|omvormer|motor~kap|socket|outlet
            plug|fuse~box|charger|battery|cable|washing machine|tumble dryer|dryer|dishwasher
            microwave|inverter|toaster
        """,
        r"""
            rookt|rookte|walm\w*|gloei\w*|gloeiend|heet|gesmolten|smelt\w*|smolt|melt\w*|melted
            verbrand\w*|door~gebrand|zwart~geblakerd\w*|sizzl\w*|knal\w*|overheat\w*|oververhit\w*
            singed|red hot|very hot|knett?er\w*|crackl\w*|stinkt
        """,
        40,
    ),
    Pair(
        Danger.FIRE,
        r"lucht|geur|smell\w*|stinkt|ruikt|stank",
        r"verbrand\w*|aangebrand\w*|geschroeid\w*|schroei\w*|rubber|plastic",
        30,
    ),
    Pair(
        Danger.INJURY,
        BODY_NL,
        r"""
            gebroken|brak|breken|breuk|gestoten|stootte|stoten|bezeer\w*|geraakt|gekneusd
            verstuikt|verbrand\w*|gesneden|snee|sneed|pijn|zeer|stijf|stijve|klachten|gezwollen
            opgezwollen|dik|klem|bekneld|gekneld|gescheurd|opengehaald|open gehaald|gebrand
            kapotgevallen|kapot gevallen|letsel|klachten|wond|opengereten|geklapt|verdraaid
        """,
        32,
    ),
    Pair(
        Danger.INJURY,
        BODY_EN,
        r"""
            broke|broken|hit|bumped|banged|hurt\w*|cut|twisted|burn\w*|burnt|crushed|caught
            swollen|smashed|gash\w*|fractured|dislocated|sore|aching|numb
        """,
        28,
    ),
    Pair(
        Danger.INJURY,
        r"fietser|voetganger|motorrijder|kind|cyclist|pedestrian|motorcyclist|biker",
        r"geraakt|aangereden|geschept|gevallen|gevlogen|hit|struck|knocked|fell",
        40,
    ),
    Pair(
        Danger.INJURY,
        rf"""
            {RELATIVE}|{CHILD}|(?:op|van) (?:de|mijn|haar|zijn) (?:brom)?fiets|fietsend|lopend
            zebra~pad|oversteek\w*|stoep
        """,
        r"aan~gereden",
        40,
    ),
    Pair(Danger.INJURY, rf"ik|hij|zij|ze|{RELATIVE}|{CHILD}", r"gevallen|ten val", 35),
    Pair(
        Danger.INJURY,
        rf"{RELATIVE}|{CHILD}",
        r"fell|fallen|lying on the floor|on the floor|not responding|reageert niet",
        35,
    ),
    Pair(
        Danger.INJURY,
        rf"hij|zij|ze|he|she|iemand|someone|{RELATIVE}|{CHILD}",
        r"""
            (?:ligt|lag|ligd) (?:\w+ )?op de (?:grond|vloer|straat)|(?:lying|lies
            laying) on the (?:floor|ground|street)
        """,
        35,
    ),
    Pair(
        Danger.INJURY,
        rf"{BODY_NL}|{BODY_EN}",
        r"""
        crash|aanrijding|accident|ongeluk|ongeval|botsing|glas in (?:mijn|zijn|haar)|splinter\w*
        tegen (?:het|de|een)
        """,
        45,
    ),
    Pair(
        Danger.SHUT_IN,
        rf"in (?:{_THE} )?(?:lift|elevator)",
        r"vast\w*|stuck|hangen|hang|stil\w*|niet uit|get out|erin|halfway|alarmknop",
        45,
    ),
    Pair(
        Danger.SHUT_IN,
        r"lift|elevator",
        r"""
            mensen erin|iemand erin|personen erin|met (?:\w+ )?(?:mensen|personen|kinderen
            bewoners|iemand)|mensen (?:zitten )?vast|(?:zit|zitten|zat|sta|staat
            staan) (?:\w+ )?(?:erin|er (?:\w+ )?in|iemand in|mensen in|kinderen in|iemand vast)|(?:people|someone
            somebody|person|residents?|\w+) inside|people in it
        """,
        45,
    ),
    Pair(
        Danger.SHUT_IN,
        rf"{CHILD}|hond|dog|{RELATIVE}",
        r"""
            op slot|in het slot|afgesloten (?:auto|kamer|huis|wc|badkamer|ruimte)|locked
            dichtgevallen|zit vast|zitten vast|is stuck|are stuck
        """,
        45,
    ),
    Pair(
        Danger.SHUT_IN,
        r"sleutel\w*|slot|deur|op slot|keys?|lock|door",
        rf"""
            {CHILD} (?:\w+ ){{0,2}}(?:zit|zitten|zat|is|are|sits?|sitting|inside) (?:nog )?(?:\w+ )?(?:binnen
            erin|inside|(?:in|on) {_THE} {_ROOM})
        """,
        80,
    ),
    Pair(
        Danger.SHUT_IN,
        rf"""
            ik|hij|zij|ze|we|wij|{CHILD}|{RELATIVE}|bestuurder|passagier|inzittende\w*|driver
            passenger
        """,
        r"klem|vastgeklemd|klemgezeten|pinned",
        28,
    ),
    Pair(Danger.VULNERABILITY, WEAK_VULNERABILITY, NEED, 600, across_sentences=True),
)
