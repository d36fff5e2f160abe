"""Common words of English and German that no list of what pictures show has: nobody has misspelt them.

Stop words, and function words, adverbs, numbers, German words for times, and the commonest verbs and
adjectives of four letters and more: shorter ones are never corrected. A search for "heute" (today) is none
for "Leute" (people).
"""

from stockroom.analysis.folding import fold
from stockroom.analysis.stop_words import STOP_WORDS

_ENGLISH = """
    although amid amidst among amongst anybody anyhow anyone anything anyway anywhere aside became
    become began begun behind beside besides beyond bought brought built came caught chose chosen could
    despite done drank drawn drew driven drove during each either else elsewhere enough ever everybody
    everyone everything everywhere except fallen fell felt flew flown forgot forgotten forward found
    gave given gone gotten grew grown heard held hence hereby hidden however indeed instead into itself
    kept knew known laid lately least left lent less lest lets like likewise lost made many maybe mean
    meanwhile might mine moreover most mostly much must myself near nearby nearly neither never
    nevertheless nobody none nonetheless nothing nowadays nowhere often okay onto others otherwise ought
    paid perhaps please quite rather ridden rode rung said sang sank seem seen seldom sent several shall
    shone should shown since slept sold somebody somehow someone something sometime sometimes somewhat
    somewhere soon sought spent spoke spoken stood stuck such sung swam swum taken taught thank that
    their them themselves thence these they this those though thought threw through throughout thrown
    thus till together told took torn toward towards under underneath unless unlike until upon used
    usually various very wear went were what whatever when whence whenever where whereas whereby
    wherever whether which whichever while whilst whoever whole whom whose will with within without woke
    woken wore worn would written wrote yours
"""
_GERMAN = """
    abends aber abwärts acht achte achtzehn achtzig alle allein allem allen aller allerdings alles also
    andere anderem anderen anderer anderes anders anfangs anhand ansonsten anstatt auch aufs aufwärts
    außen außer außerdem außerhalb bald beide beiden beim beinahe bekannt bereits besonders besser beste
    bestimmt bevor billig bisher bislang bitte bleibt blieb bloß brachte brauchen braucht breit bringen
    bringt dabei dadurch dafür dagegen daheim daher dahin dahinter damals damit danach daneben dank
    danke dann daran darauf daraus darf darin darüber darum darunter dass davon davor dazu dazwischen
    dein deine deinem deinen deiner deines demnächst denen denken denkt denn dennoch deren derselbe
    deshalb dessen desto deswegen dezember dich dienstag dies diese dieselbe diesem diesen dieser dieses
    diesmal doch donnerstag doppelt dort dorthin draußen drei dreißig drin dringend drinnen dritte
    droben drüben drunter durch durchaus dürfen durfte eben ebenfalls ebenso eckig ehemals eher eigen
    eigentlich eilig eine einem einen einer eines einfach einige einigen einmal eins einst einzeln
    einzig elfte endlich entgegen entlang entweder erst erste ersten etliche etwa etwas euch euer eure
    eurem euren eurer fahren fährt falls falsch fand fast februar feiertag fertig finden findet flach
    fliegt folgen folgt fort freitag frisch froh fröhlich früh früher frühjahr fuhr führt fünf fünfte
    fünfzig gab ganz ganze gänzlich gegangen gegen gegenüber gehen gehört geht gekommen gemacht
    gemeinsam genau genug gerade geradeaus gern gerne gesagt gesehen gestern gewesen gibt gilt ging
    glaubt gleich gleiche gleichzeitig groß größer größte gute guten guter gutes haben halb hallo halt
    hält hast hätte hatte hatten häufig heiß heißt hell herab heran herauf heraus herein herum herunter
    hervor heute heutzutage hier hierher hilft hinab hinauf hinaus hinein hinten hinter hinterher
    hinunter hoch höchste höchstens hoffen höher hören hört ihnen ihre ihrem ihren ihrer ihres immer
    immerhin indem infolge innen innerhalb insgesamt inzwischen irgend irgendein irgendwann irgendwas
    irgendwer irgendwie irgendwo isst jahr jahre jahren jahres jahrhundert jahrzehnt januar jede jedem
    jeden jeder jederzeit jedes jedoch jemals jemand jene jenem jenen jener jenes jenseits jetzt juli
    jung jünger juni kalt kann kannst kaum kein keine keinem keinen keiner keines keinesfalls kennen
    kennt klar klein kleiner kommen kommende kommenden kommt können könnt konnte könnte kurz kürzlich
    lang lange länger langsam längst lassen lässt laufen läuft laut lauter leben leer leicht leider
    leise letzte letzten letztens lief liegen liegt liest links mache machen macht machte manche manchem
    manchen mancher manches manchmal märz mehr mehrere mehrmals mein meine meinem meinen meiner meines
    meist meiste meistens mich mindestens miteinander mithilfe mittag mittags mitten mittwoch mitunter
    möchte mochte mögen möglich monat monate monaten montag montags morgen morgens muss müssen musste
    nach nachdem nachher nachmittag nachmittags nächste nächsten nachts nahe nahezu nämlich nass
    natürlich neben nebenan nehmen neun neunte neunzig nicht nichts niedrig niemals niemand nimmt
    nirgends nirgendwo noch nochmal nötig nunmehr oben ober oberhalb obgleich obwohl oder offen öfter
    öfters oftmals ohne ohnehin oktober paar plötzlich quer rasch rechts reich richtig rings ringsum
    rund rundherum runter sagen sagt sagte samstag samt sämtliche sanft satt schauen schaut schief
    schlank schlecht schließlich schlimm schmal schmutzig schnell schön schon schreiben schreibt schrieb
    schwach schwer schwierig sechs sechste sechzig sehen sehr seid sein seine seinem seinen seiner
    seines seit seitdem sekunde sekunden selber selbst selten seltsam sich sicher sieben siebte siebzig
    siehe sieht sind sitzen sitzt sobald sodass soeben sofern sofort sogar solange solch solche solchem
    solchen solcher solches soll sollen sollte sollten somit sondern sonntag sonst soviel soweit sowie
    sowieso sowohl spät später spielen spielt sprechen spricht stand statt stehen steht stellt stets
    still stolz stumm stunde stunden süß täglich tagsüber teuer tief tragen trägt treffen trifft trinkt
    trocken trotz trotzdem über überall überhaupt übermorgen übrig übrigens umher umsonst unbedingt
    unecht ungefähr unser unsere unserem unseren unserer unseres unten unter unterhalb unterwegs viel
    viele vielem vielen vieler vieles vielleicht vielmals vier vierte vierzig voll voller völlig vom
    voneinander voran voraus vorbei vorgestern vorher vorhin vorige vorigen vorm vormittag vormittags
    vorn vorne vorüber vorwärts wach wachsen wahr während wann warf warm wart warten wartet warum weder
    wegen weil weint weiß weit weiter weitere welche welchem welchen welcher welches wenig wenige
    wenigen weniger wenigstens wenn werde werden weshalb wessen wichtig wieder wieso wild wird wirklich
    wirst wissen wobei woche wochen wochenende wodurch wofür woher wohin wohl wollen wollte womit wonach
    woran worauf woraus worden worin wovon wozu würde wurde würden wurden zehn zehnte zeigen zeigt zieht
    ziemlich zornig zuerst zufällig zugleich zuletzt zumindest zunächst zurück zurzeit zusammen zuvor
    zuweilen zwanzig zwar zwei zweimal zweite zwischen zwischendurch zwölf
"""
_WITHOUT_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

COMMON_WORDS = STOP_WORDS | frozenset(
    fold(spelling)
    for word in (*_ENGLISH.split(), *_GERMAN.split())
    for spelling in (word, word.translate(_WITHOUT_UMLAUTS))
)
