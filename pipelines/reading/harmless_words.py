"""Phrases that hold a word of danger and mean none. Same notation as `danger_words`; a cue inside one is dropped."""

from cases.vocabulary import Danger

_THING = (
    r"(?:batter(?:y|ies)|battery'?s|accu\w*|batterij\w*|phone|telefoon|mobiel\w*|mobile|laptop|computer|tablet|tv"
    r"|screen|scherm|display|pixels?|line"
    r"|link|lijn|engine|motor|car|auto|boiler|ketel|cv|kachel|router|modem|internet|server|socket"
    r"|stopcontact|fridge"
    r"|koelkast|oven|wasmachine|droger|lamp\w*|bel|deurbel|plants?|planten|boom|bomen|tree|trees|website"
    r"|app|meter|hedge|gras|grass|outlets?|sockets?|door~bell|buzzer|intercom|heating|verwarming|\w*groep"
    r"|heater|radiators?|power|lights?|fuse|thermostaat|thermostat|key~fob|remote|alternator|dynamo|starter"
    r"|dier|beest|animal|deer|boar|zwijn|hert|ree|fox|vos|badger|hedgehog|pheasant|roe|stag|bird|vogel)"
)
_ADVERBS = (
    r"(?:helemaal|echt|nu|al|weer|totaal|compleet|volledig|ook|zo goed als|just|completely|suddenly|now"
    r"|totally|already|again|both|opeens|plotseling|plots|finally|also|all|on me)"
)
_COPULA = (
    r"(?:is|was|are|were|gone|ging|gaat|lijkt|bleef|blijft|went|goes|going|has|have|had|just|keeps?|be|to be"
    r"|appears?|seems?|zijn|waren)"
)

HARMLESS: dict[Danger, str] = {
    Danger.GAS: r"""
boiler (?:is |keeps |has been )?leaking water|gas~(?:rekening|prijs|verbruik|nota)\w*
(?:batter\w*|bestel\w*|koop|kopen|aanvragen|order|buy|replace|vervang\w*
nieuwe) (?:\w+ ){0,4}(?:co|koolmonoxide|carbon monoxide)~(?:melder|alarm|detector)\w*
(?:co|koolmonoxide|carbon monoxide)~(?:melder|alarm|detector)\w* (?:\w+ ){0,2}(?:bestellen|kopen
aanvragen|to order|installeren)
(?:rook~gas|verbrandings~gas)\w*(?:afvoer|kanaal|pijp|temperatuur|meting)\w*
""",
    Danger.FIRE: r"""
fire~(?:place|wall|works?|fox|wire|stick|tablet|hd|tv|door|exit|escape|extinguisher|safety|drill
insurance|sale|hydrant|blanket|rating|resistant|retardant|proof|pit|wood|regulations|policy|cover
side)\w*
fire alarm (?:test|batter|panel|inspection|system|maintenance|certificate)\w*|third party,? fire
brand en diefstal|brand van nieuwsgierigheid|niet (?:\w+ )?heet|burning to know|brand en storm
fire (?:and|&) theft|open fires?|camp~fires?|log fires?|fire and rehire
(?:gas|electric) fires? (?:\w+ ){0,3}(?:not|does|doesn'?t|won'?t|needs?|service\w*|install\w*
stopped|broken|repair\w*|in the|is out|went out|out)
(?:smoke|fire) (?:detector|alarm)s?|smoke free|(?:no|non|stop\w*|quit\w*|anti) smoking
smoking (?:area|ban|room|policy|is not allowed)|(?:neighbou?r\w*|he|she|tenant\w*|people|guest\w*
i) (?:(?:is|are|was|were|keeps?|am|been) )?(?:always )?(?:smok\w*)(?: (?:weed|cigarettes|cannabis
outside))?|smoked (?:salmon|glass)
ik rook|rook~(?:melder|vrij|glas|worst|kanaal|verbod|afvoer)\w*|roken verboden
brand (?:new|names?|of|loyalty|and model)|(?:which|what|other|same|another|different|that|your|own
known|popular|good|best|cheap|favou?rite|any|whatever|top|every) brand|(?:the|this|a
my) brand (?:of|is|was|name|and|i|you|on)
(?:zonne|hout|thuis)~brand\w*|brand~(?:verzekering|polis|blus\w*|deur\w*|trap\w*|gang\w*|schoon
stof\w*|hout|kast|kraan|slang|veilig\w*|vertragend\w*|werend\w*|preventie)\w*|brandend maagzuur
brandende vraag|gebrand op
brand(?:t|de|en|den|end|ende)? (?:(?:er|het|een|de|alleen|nog|nu|steeds|constant|continu|rode?
oranje|gele?|groene?|wel|ook|maar|in|op|mijn|dashboard|display) ){0,5}(?:lamp\w*|licht\w*|led\w*
storing\w*|motorlamp\w*|waarschuwing\w*|symbool|controle\w*|\w*lampje\w*|verlichting|waakvlam)
(?:\w*lamp\w*|licht\w*|led|ledje\w*|\w+lamp|\w*verlichting|spaarlamp\w*|spotjes|display
waakvlam) (?:(?:dat|die|op|in|de|het|mijn|dashboard|van|auto|gang|hal|trap|trappenhuis|keuken
kamer|badkamer|portiek|straat|buiten|galerij|kelder|ketel|cv|boiler|wasmachine|vaatwasser|oven
koelkast|router|modem|meter|apparaat|nu|nog|steeds|constant|continu|rood|oranje|geel|groen|wil|is
blijft|bleef|blijven|ging|gaat|al|ook|weer|daar|niet|meer|alleen|maar|s|avonds|overdag|hele|dag
nacht|kan|gaan|en|lift|zolder
berging|schuur|fiets|deur|knop|voordeur|plafond|scherm|paneel) ){0,7}brand(?:t|en|de|den|end)
waak~vlam\w*|pilot (?:light|flame)s?|flame retardant|vuur~(?:werk|toren|korf|wapen)\w*
(?:gas)?(?:vlam|vlammetje) (?:(?:van|de|het|ketel|cv|gaat|ging|slaat|dooft|steeds|telkens|is
brandt|niet|weer) ){0,5}(?:uit|niet|geel)
(?:open )?haard (?:\w+ )?brandt|burning (?:question|calories|fat|desire)|burn\w* (?:a fortune|a hole)
burn (?:calories|fat|rate
a (?:cd|dvd))|burn(?:ed|t)? out|burn~outs?|heart~burn|sun~burn\w*|slow burn|money to burn
burn\w* (?:through )?(?:money|cash|bridges)|freezer burn|ccf burn
spark~plugs?|exploded (?:view|diagram|drawing)|explosi\w* (?:stijging|gestegen|toename|growth)
under fire|vuur aan de schenen|onder vuur|played with fire|like wildfire|hire and fire|fire (?:me
him|her|off|away|up) (?:an|a|the)? ?(?:e mail|email|mail|question\w*|message|app|computer|him)
on fire lately|fired? (?:my|the|an?) (?:boss|employee|builder|contractor)
flaming (?:hot )?(?:cheetos|joke|cheek)|kaars(?:en|je|jes)? brand\w*
(?:lichten|licht|koplamp\w*|lampen|verlichting) (?:\w+ ){0,2}(?:laten|had laten|aan laten) branden
branden (?:er )?(?:\w+ )?(?:allemaal|allerlei|veel|alle|wel|ineens|opeens|nu) (?:\w+ )?lamp\w*
(?:window|windscreen|windshield|sunroof|glass|airbags?|ruit|\w+ruit|tyre|tire) (?:(?:just|suddenly
spontaneously|has|had) )*exploded
""",
    Danger.INJURY: r"""
(?:doesn'?t|does not|won'?t|wouldn'?t|never|can'?t|couldn'?t) hurt (?:to|anyone to|me to)
hurts? (?:my|his|her|our|the) (?:feelings?|wallet|credit|budget|score|business|pocket)
feelings (?:are |were )?hurt
pijn~punt\w*|pain points?|pains? in the (?:neck|ass|butt|backside|arse)|pijn in (?:de
mijn) portemonnee|pijn om te (?:zien|lezen)|pijnlijk~? (?:lang\w*|duidelijk|traag|fout\w*
slecht\w*)|painful(?:ly)? (?:slow|process|experience|obvious|long|to (?:use|deal|log|read))
painfully|pain to (?:use|get|set|reach|deal|log)|(?:such|what|real|huge|big) (?:a )?pain
bloed~(?:heet|mooi|hekel|irritant|serieus|sinaasappel\w*|spoed|lijn|druk~?meter\w*)|bloed,? zweet
bloed onder|kwaad bloed|nieuw bloed|blood,? sweat|blood (?:orange|pressure (?:monitor|meter))
bloody (?:annoying|useless|hell|ridiculous|awful|terrible|good|great|phone|thing|bank|card|app
website|boiler)
insult to injury|(?:personal )?injury (?:cover|insurance|policy|section|clause)|letsel~?(?:dekking
verzekering)|(?:zieken~huis|hospital) (?:opname ?)?(?:verzekering|cover|insurance|parking)
ziekenhuisverzekering
gehecht aan|bij~gehecht|(?:is|als|zijn|hierbij|bijlage\w*|document\w*|foto\w*) gehecht
onder stroom (?:staan|zetten|gezet) (?:van )?(?:de )?(?:accu|lader)
(?:second|other|on the one|first|left|right|out of|by|on) hand|hand (?:side|luggage|brake|over
held)|(?:aan|in|voor|uit|van) de hand|(?:two|2|3|three|4|four) stroke|stroke of luck
different strokes?
(?:fuse|breaker|rcd|switch|electrics?|circuit|power|board|it|trip ?switch) (?:\w+ ){0,2}tripped
tripped (?:the )?(?:fuse|breaker|switch|rcd|electrics?)|tripped out|slipped (?:my mind|through)
date slipped|deadline slipped
(?:auto|wagen|bus|busje|voertuig|hek|muur|paal|schutting|gevel|garage\w*|aanhanger|caravan|spiegel
geparkeerde auto|lantaarnpaal) (?:(?:is|was|werd|wordt|van|achteren|door|een|de|achterop|gisteren
vandaag|zojuist|rechts|links|geparkeerd|onbekende?|vrachtwagen|bestelbus|auto|stond|en
ook) ){0,6}(?:aan~gereden|geraakt)
(?:laptop|server|app|website|site|system|systeem|computer|shelf|roof|fence|ceiling|wall|tree
bridge|deal|pipe) (?:has |had |just )?collapsed|choke (?:cable|valve)|swallowed (?:my|the
it) ?(?:bank |debit |credit )?card|(?:atm|machine|card|cashpoint) (?:\w+ ){0,4}swallowed
poison ivy|(?:rat|mouse|ant|weed|slug)~?poison|put down poison|poison (?:bait|boxe?s?|pellets)
food poisoning insurance|bruised? (?:fruit|apple\w*|banana\w*|ego)|wound up
pijn~stiller bestellen|cash bleed\w*|bleed\w* (?:the |my |all )?(?:the )?radiators?
radiators? (?:[\w',]+ ){0,8}(?:bled|bleed\w*)|bleed(?:ing)? (?:it|them)|bleed (?:valve|key|screw)
in slaap (?:was |ben |is )?(?:ge)?vallen|(?:ik|hij|zij|ze) in slaap (?:was |ben |is )?gevallen
gevallen (?:over|op) (?:de|het|een) (?:prijs|aanbieding|bedrag|keuze)|(?:tegen|mee|weg|uit|af|om
stil|uiteen|in|op)gevallen|(?:keus|keuze|besluit|beslissing|stroom|internet|cv|ketel|telefoon
tegel|dakpan\w*|pan|pannen|boom|tak|tv|foto|lijst|glas|scherm|laptop|toestel
bord) (?:\w+ ){0,3}gevallen
(?:nearly|almost) (?:tripped|slipped|fell (?:down|off|from|over|and|on))|bijna (?:ge)?struikel\w*
bijna (?:uit)?gegleden|struikelde bijna|gleed bijna uit
fell on(?:to)? (?:top of )?(?:\w+ ){0,2}(?:car|cars|van|bonnet|roof|windscreen|boot|wing|bumper|bike
floor|doormat|vehicle|fence|shed|sofa|carpet|mat)
(?:ran|run) over (?:a|the|my|some|an)? ?(?:\w+ )?(?:cat|fox|hedgehog|rabbit|hare|deer|pheasant|badger|bird
nail|screw|pothole|kerb|curb|glass|debris|branch|stone|brick|bag|cone|hose|time|budget|details)
(?:kat|kater|poes|egel|konijn|haas|eend|fazant|vos|das|ree|hert|zwijn|spijker|schroef|stoeprand
paaltje) (?:\w+ ){0,3}overreden|(?:beest|dier|hert|ree|zwijn|vos|kat) (?:\w+ ){0,2}gewond
gewond (?:het|de|in het|in de) (?:bos|struiken|bosjes|berm|weiland|veld|sloot)
(?:lek|stuk|door|kapot|los)~gebeten|(?:slang\w*|kabel\w*|leiding\w*|snoer\w*|\w+slang) (?:\w+ ){0,3}gebeten
bitten (?:through|off|into)|(?:lead|cable|cables|wire|wires|wiring|hose|pipe) (?:\w+ ){0,2}bitten
(?:alsof|of) (?:\w+ ){1,2}neus bloedt|(?:really|that|it|words?) hurts? (?:a bit |to (?:hear|see|read|be))
that really hurt|threw up (?:a|some|stones?|gravel|dust)|gevallen voor (?:de|het|een)
(?:gave|give|giving) (?:me|us|him|her) a heart attack
(?:geparkeerd|parked) (?:\w+ )?(?:bij|at|voor|outside|near|next to) (?:het|the) (?:ziekenhuis|hospital)
(?:nearly|almost) cut (?:my|her|him|our)sel\w+|bijna (?:ge)?sneden
(?:me|mij|zich) bijna gesneden|(?:clock|watch) (?:\w+ )?hands|hands (?:don'?t|do not|won'?t|stopped) mov\w*
blood (?:tests?|samples?|pressure|sugar)|bloed~(?:test|onderzoek|afname)\w*
bled (?:them|it|the radiators?|the heating|all)|(?:carport|car port|gazebo|tent|pergola|greenhouse
garage|bed|chair|table|desk) (?:has |have |had |just )?collapsed
choked (?:up )?with (?:leaves|mud|hair|dirt|grease|weeds|sand)|(?:drain|gully|sink|gutter|engine
pipe) (?:is |was |has )?(?:\w+ )?choked
(?:then|goes|runs|either|or|suddenly) scalding(?: hot)?|scalding then
(?:hospital|ziekenhuis) (?:car park|parking|parkeer\w*|parkeergarage|garage|car~park\w*)
(?:opposite|tegenover|near|naast|achter|behind) (?:het|the) (?:ziekenhuis|hospital)
(?:bij|voor|at|outside) (?:het|the) (?:ziekenhuis|hospital) (?:geparkeerd|stond|stil|parked)
hospitality\w*|ambulant\w*|(?:in de )?(?:meeste|enkele|alle|beide|sommige|andere) gevallen
""",
    Danger.DEATH: rf"""
{_THING} (?:{_ADVERBS} |{_COPULA} ){{0,4}}(?:dead|died|dood|overleden|dying|killed|doodgegaan|gestorven)
(?:dead|dode|dooie|dying|flat) (?:batter(?:y|ies)|batterij\w*|accu\w*|pixels?|line|link|end|lock
bolt|zone|weight|hoek\w*|lijn|spot|slow|centre|center|plants?|insect\w*|muis|muizen|vlieg\w*|rat
ratten|duif|dier|dieren|beest|ree|hert|zwijn|egel|vos|animals?|fox|deer|stag|pheasant|pigeon|rodents?|duif
duiven|vogel\w*|birds?|mouse|mice|rats?|wespen|hours?|letter|as a dodo|phone|planten?
punt\w*|tak|takken|boom|bomen|tree|trees|cat|kat|outlet|socket|screen|mus)
dead~lin\w*|dead~locks?|dead~bolts?|dood~(?:lopen\w*|moe|op|ziek|simpel|normaal|gewoon|spoor
jammer|stil|vonnis|zonde|leuk|eng|ongelukkig|nerveus|lopend\w*|eerlijk)|dood~spoor|doodlopende
(?:schrik|schrok|schrikken|schrikt|geschrokken|lach|lachte|lachen|gelachen|verveel|verveelde|werk
erger|ergerde|zoek|betaal|schaam|schaamde|wacht|bel)(?: (?:me|mij|ons|je|zich|er|ook|echt|bijna
hier|wel|gewoon|even|ik|we))* (?:\w+ )?(?:dood|kapot)|(?:me|mij|ons|je
zich) (?:\w+ )?dood (?:geschrokken|gelachen|gewerkt|verveeld|geergerd|gezocht)
(?:bored|work\w*|scared|worried|sick|loved?|frozen|tickled) (?:\w+ )?to death|op sterven na dood
black death|death (?:metal|spiral|star|valley|trap|by)|fatal error\w*
kill\w* (?:the |my |your )?(?:engine|mood|battery|time|process|app|vibe|switch|two birds)|kill(?:s
ing|ed) it|killing time|dying (?:to|for) (?:know|see|try|get|a|hear)|(?:over my|drop) dead
dead (?:serious|sure|tired|easy|simple|right|wrong|set|on|good|certain|against|heat|sea|pool)
widow (?:maker|spider)|black widow|dode zee|dodelijk (?:saai|vermoeiend)|ten dode|dead or alive
schaam (?:me|mij) dood|dood (?:dier|beest|konijn|hert|ree|zwijn|vogeltje)|(?:creature|something|rat|mouse
animal|bird|rodent|beest|dier|muis|duif) (?:\w+ ){{0,3}}(?:died|dead|dood)|play dead|(?:hit|killed
found) (?:a|the) (?:\w+ )?(?:deer|boar|fox|badger|pheasant)
begraven (?:kabel|leiding)\w*|walking dead|(?:it|animal|deer|dog|cat|bird|plant|hert|ree|zwijn|beest|dier
kat|hond|laptop|phone|bumper) (?:\w+ )?(?:did
heeft)(?:n'?t| not)? (?:\w+ )?(?:survive|make it|niet overleefd|niet gered|niet gehaald)
(?:it|animal|deer|dog|cat|bird) (?:didn'?t|did not) (?:survive|make it)
(?:dier|ree|hert|zwijn|beest|hond|kat|plant|hij) (?:heeft )?(?:het )?(?:helaas )?niet (?:overleefd|gered
gehaald)
(?:heeft|had) het niet (?:overleefd|gered|gehaald),? (?:ik|mijn) (?:\w+ )?(?:niets|bumper|radiateur)
dead (?:flies|comfortable|cheap|quick|keen|the first|on arrival)|(?:arrived|came|was|were
product) (?:\w+ )?dead on arrival
""",
    Danger.SHUT_IN: r"""
locked~in (?:rate|price|contract|term|at|for|period|deal|mortgage)\w*|krijg\w* (?:het|dat|de vlek|haar
hem) er niet uit|trapped (?:wind|air|water
moisture|nerve)|(?:air|water|moisture|damp|heat|lucht|vocht) (?:\w+ )?trapped
(?:bank)?pas\w* (?:\w+ ){0,4}opgesloten|money (?:\w+ )?trapped|card (?:\w+ ){0,4}(?:trapped
shut in|locked in)
(?:can'?t|cannot|can not|couldn'?t|unable to|not able to) get (?:it|that|this|stains?|money|card|water
key|keys|car) out
(?:sleutel\w*|key) (?:\w+ ){0,4}(?:in het slot|in the lock)|(?:card|parcel|mouse|bird|cat) (?:\w+ )?trapped
get (?:\w+ )?out of (?:\w+ )?(?:contract|subscription|deal|lease|agreement|debt|plan|bed|insurance
it|paying|overdraft)|(?:money|cash|card|water|car|it|stain|stains|that|pin) (?:\w+ )?out
locked in (?:my|the) (?:account|profile|phone|contract|savings)|ingesloten (?:vind|treft|document
foto|bijlage)\w*|(?:er|daar|we|samen) (?:\w+ )?niet uit (?:wijs|wat|hoe|waar|met (?:de|het|jullie
u))
""",
    Danger.DISTRESS: r"""
(?:geen|no) paniek\w*|(?:don'?t|do not|no need to) panic\w*|panic (?:button|buying|room|bar)
paniek~(?:slot|deur|knop|beslag|verlichting)\w*
(?:ben |was )?(?:ik )?(?:een beetje |ik )?bang (?:dat|ik|voor (?:de|een|het|hoge) (?:kosten
rekening|prijs|schade|factuur|boete))|(?:bigger |big |loud )bang|bang for|(?:a|the|loud) bang
(?:kat|hond|poes|konijn|cat|dog|kitten|puppy|rabbit|hij|vogel) (?:\w+ ){0,5}(?:niet|not|n'?t
hasn'?t) (?:\w+ )?(?:gegeten|eaten)
threat\w* (?:me |us )?(?:to|with) (?:\w+ )?(?:charge|extra|cancel|costs?|fees?|legal|court|debt|a fine
bailiffs?|reminder\w*)
panic over|paniek om niks|desperate(?:ly)? (?:to|looking) (?:find|know|for|get|see)|wanhopig op zoek
what a nightmare|(?:nearly|almost) cut myself|(?:is|was|been) a (?:\w+ )?nightmare|nightmare (?:app|company
website|service|delivery|to)
trek\w* (?:dit|deze|het) (?:abonnement|prijs|bedrag|contract)\w* niet meer
big bang|bang on|an? (?:\w+ )?bang|banger of
geweldig\w*|(?:dochter\w*|zoon\w*|kind\w*|daughter|son|boy|girl) (?:\w+ ){0,1}(?:huilt|huilde|cried
crying) (?:tranen
want|omdat|because|when|as|this morning|vanochtend|over)
(?:car|van|driver|lorry|bus|truck|taxi|motorbike|scooter|cyclist|moped|vehicle|tractor
tram|bike) (?:\w+ ){0,7}hit (?:me|us)
can'?t (?:do|handle) (?:it|this|that) (?:myself|on my own|alone|before|until|online|any ?more with|today
tomorrow
this week|on (?:mon|tues|wednes|thurs|fri|satur|sun)day)
(?:rijden|starten|koken|wassen|douchen|parkeren|inloggen|betalen|bellen|wachten|repareren|retourneren
ruilen|afsluiten|openen|sluiten|opladen) (?:\w+ )?kan (?:zo |echt |nu )?niet meer[\s.!?,;)]*(?:en|want|help
dit|zo)?
ik ben (?:helemaal )?op (?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|vakantie|reis|zoek|tijd
weg|mijn|kantoor|school|de|het|\d+)
violent(?:ly)? (?:hail\w*|storm\w*|wind\w*|gust\w*|weather|braking|rain|downpour|jolt|shak\w*|rattl\w*)
(?:i'?m |am |i am )?afraid (?:i|that|we|you|not|so|the|it|there|this|my)|om te huilen
huilen met de pet|(?:huilt|huilen) de wind|crying (?:shame|out for|wolf)|far cry|cry from
(?:battle|outcry)
hopeloos (?:verouderd|ouderwets|slecht|traag|lang\w*)|hopeless (?:service|website|app|company|at)
desperate(?:ly)? (?:housewives|for a (?:holiday|vacation|coffee|haircut|drink))|(?:great
economic) depression|tropical depression|recession or depression|depression glass
(?:end|take) (?:my|his|her) life insurance|abus\w* of (?:power|terms|trust)
abuse (?:of )?(?:the )?(?:system|policy|address|report)|(?:report|spam|net|fraud) abuse|(?:non
no) violen\w*|alcohol abuse policy|stalk\w* (?:celery|of)|honger naar|trauma (?:insurance|cover)
(?:durf|durven) (?:het )?niet te zeggen|voor de trein (?:van|naar|kaart\w*|die|moet)|(?:over|under
in)whelmed|overwhelmed (?:by|with) (?:choice|options|emails?)|thuis~overval|geen eten (?:in|bij
besteld|geleverd)|no food (?:delivered|in my order)
(?:bike|fiets|scooter|auto|car) (?:\w+ ){0,3}(?:gestolen|stolen)|threaten\w* (?:rain|weather|clouds)
(?:zie\w*|trek\w*) (?:het|'t) niet meer zitten met (?:deze|dit) (?:abonnement|app)
""",
    Danger.VULNERABILITY: r"""
baby~(?:kamer|foon|monitor|kleding|kleren|kleertjes|bed|bedje|clothes|seat|cot|stroller|shower
food|carrier|products?|powder|oil|wipes?|gate|bath|zitje|voeding|melk|pakje|shampoo|phone|blue
pink|wagen|boom|grand|name|names|schoentjes|spullen|artikel\w*|artikelen|alarm|mattress|blanket
romper\w*|stoel\w*)
oxygen (?:bleach|xml|sensor)|zuurstof~(?:bleek|sensor)\w*|ventilator (?:belt|fan|van|in de|draait
maakt|lawaai|kapot|stuk|werkt)|(?:mechanische|dak|badkamer|mv|wc) ventilator\w*
(?:rol~stoel|wheel~chair) (?:vriendelijk\w*|accessible|access|ramp|toegankelijk\w*)|(?:bus|airport
train|departure|ferry|cruise|gate|shipping|payment|card|pin|control) terminal|terminal (?:\d|[a-e]
building|window|app|fee|error)
verward door|confused by|breast cancer charity|cancer (?:research|charity)|kanker~(?:fonds
bestrijding)\w*|(?:tropic|star sign) (?:of )?cancer|carer'?s? allowance|disabled (?:account|card
user|feature|cookies|javascript|notifications?|button|in|by|the|my|for|access)|(?:accounts?|cards?
option|login|app|function|feature|user|it|button|service|access|profile
number) (?:has |have |is |was |been |be |got |are |were |suddenly )*disabled|disable\w* (?:my|the)
kind (?:regards|of|people|enough|to|words?|man|lady|woman|men|gentleman|colleague|gesture|soul|neighbour\w*
staff|passer\w*|stranger|drivers?|help|assistance|request)|(?:so|very|how|be|most|too|really) kind
(?:car|bike|phone|laptop|bonnet|van|washer|machine|fridge|tv|sofa|auto|fiets|telefoon|wagen|bank|koelkast
toestel|mattress|policy|boiler|ketel)\W{0,2} (?:\w+ ){0,4}(?:weeks|months|weken|maanden) (?:old|oud|jong)
uitgerekend (?:nu|vandaag|dat|deze|op|hoeveel)|(?:hadden|hebben|heb|heeft
ik) (?:\w+ ){0,3}uitgerekend|in verwachting van (?:een|uw|de) (?:reactie|antwoord)
""",
}

OTHER_LANGUAGE: dict[str, dict[Danger, str]] = {
    "en": {Danger.FIRE: r"(?:\w+ )brand(?: (?:for|that|i|you|we|than|from|with|a|the|on|at)\b)"},
}
"""Phrases that are harmless only in a message told to be in that language: "brand" is English for make."""
