"""The names that mislead, and the words that tell them apart. Data of ``ambiguity.py``; all of it in English."""

from __future__ import annotations

import re

__all__ = [
    "CONTEXT",
    "FIRST_NAMES",
    "FOOD_AFTER",
    "FOOD_BEFORE",
    "GIVEN_NAMES",
    "INSTITUTION_WORDS",
    "SURNAMES",
    "TITLES_OF_PEOPLE",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GIVEN_NAMES = _words(
    "america australia austria berlin chad china cuba dallas florence georgia holland houston india ireland "
    "israel jamaica jordan kenya lima london madrid malaysia milan montana paris philadelphia santiago sofia "
    "sydney trinidad vienna boston texas virginia cologne"
)
"""Slugs whose name is also a given name: "Israel Hernandez"."""

SURNAMES = _words(
    "israel jordan london washington ireland united-kingdom netherlands france berlin paris chad boston houston "
    "milan germany cuba lima dallas hollywood santiago wellington kingston perth birmingham austria"
)
"""Slugs whose name is also a surname: "Michael Jordan", "Gary England"."""

FIRST_NAMES = _words(
    "Aaron Adam Adrian Alan Alex Alexander Alice Alison Amanda Amy Andre Andrew Andy Angela Ann Anna Anne Anthony "
    "Arthur Barbara Barry Ben Benjamin Bernard Bill Billy Bob Brad Brandon Brian Bruce Carl Carol Caroline "
    "Catherine Charles Charlie Chris Christian Christine Christopher Claire Clive Colin Craig Cynthia Dale Dan "
    "Daniel Dave David Dean Deborah DeAndre Denise Dennis Denzel Derek Diana Diane Donald Donna Doug Douglas "
    "Duncan Dylan Eddie Edward Elizabeth Ellen Emily Emma Eric Eva Evan Frank Fred Gareth Gary Geoff George "
    "Gerald Gilbert Glen Glenn Gordon Graham Greg Gregory Hannah Harold Harry Heather Helen Henry Howard Hugh Ian "
    "Irving Jack Jacob James Jamie Jane Janet Jason Jean Jeff Jennifer Jeremy Jerry Jessica Jill Jim Jimmy Joan "
    "Joanna Joe John Johnny Jon Jonathan Joseph Josh Joshua Joyce Juan Judith Julia Julian Julie Justin Karen "
    "Karl Kate Katherine Kathy Keith Kelly Ken Kenneth Kevin Kim Kyle Larry Laura Lauren Lawrence Lee Leon "
    "Leonard Leslie Lewis Linda Lisa Liz Louis Louise Lucy Luke Lynn Marcus Margaret Maria Marie Mark Martha "
    "Martin Mary Matt Matthew Megan Melissa Michael Michelle Mick Mike Mitch Molly Nancy Naomi Nathan Neil "
    "Nicholas Nick Nicole Nigel Noah Norman Oliver Olivia Oscar Pamela Patricia Patrick Paul Peter Phil Philip "
    "Rachel Ralph Ray Raymond Rebecca Richard Rick Rob Robert Robin Roger Ron Ronald Rory Rose Roy Russell Ruth "
    "Ryan Sally Sam Samantha Samuel Sandra Sara Sarah Scott Sean Sharon Simon Sophie Stan Stanley Stephanie "
    "Stephen Steve Steven Stuart Sue Susan Tara Ted Teresa Terry Theresa Thomas Tim Timothy Tina Todd Tom Tommy "
    "Tony Tracy Trevor Tyler Vanessa Vernon Victor Vincent Walter Warren Wayne Wendy William Zach Zoe"
)
"""Common first names, as written."""

TITLES_OF_PEOPLE = _words(
    "Mr Mr. Mrs Mrs. Ms Ms. Miss Dr Dr. Judge Justice Coach Prof. Professor Sir Lady Lord Det. Sgt. Capt."
)
"""Words that stand before a person's name and never before a country's."""

INSTITUTION_WORDS = _words(
    "Academy Agency Air Aircraft Airlines Airport Airways Ambassador Armed Army Assembly Association Attorney "
    "Authority Avenue Bank Basin Beach Border Broadcasting Bureau Cabinet Capital Center Central Centre "
    "Chancellor Chief City Coast Coalition Commission Committee Company Conference Congress Consulate Corp "
    "Corporation Council County Court Cup Customs Daily Day Deal Defence Defense Department Deputy Desert "
    "District Division East Economic Economy Election Electric Embassy Energy Ethics Exchange Fashion Federal "
    "Festival Film Finance First Football Force Forces Foreign Foundation Free Fund Gas Gazette General "
    "Government Governor Group Harbor Health Heights Herald High Hospital House Human Hydro Inc Independent "
    "Industries Industry Innovation Institute Insurance Intelligence Interior International Investment Island "
    "Islands Journal Justice King Labor Labour Lake Lands Law League Legislature Ltd Marathon Market Masters "
    "Mayor Media Medical Metal Military Minister Ministry Mission Monetary Museum Nation National Natural Navy "
    "Network News North Northern Nuclear Observer Oil Olympic Olympics Open Opera Palace Park Parliament Party "
    "Peace People Petroleum Philharmonic Plan Plc Police Policy Port Post Power Premier President Press Prime "
    "Princess Prince Prison Public Queen Radio Railway Railways Red Regiment Relations Republic Research "
    "Resources River Royal School Sea Secretary Securities Security Senate Senator Society South Southern Space "
    "Sports St Standard State States Station Steel Stock Strategic Street Strip Studies Sugar Summit Supreme Team "
    "Tech Telecom Telegraph Television Territory Times Today Tourism Tower Trade Transport Treasury Treaty "
    "Tribune Trust Tunnel TV Union United University Valley Vice War Water Week West Western Wheat World Zoo "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September October November December I The A An In On At By But And Or If It He She They We This That After "
    "Before While When"
)
"""Capitalised words that follow a country's name and are no surname."""

FOOD_AFTER = _words(
    "sandwich sandwiches breast breasts dinner dinners farm farms farmer farmers meat stuffing leg legs bacon "
    "burger burgers trot vulture vultures hunt hunting hunters carcass carcasses gravy sausage sausages meatballs "
    "producers producer prices Sandwich Breast Dinner Farm Farms Meat Bacon Burger Burgers Trot"
)
FOOD_BEFORE = _words(
    "roast roasted Roast Thanksgiving wild Wild frozen Frozen smoked ground Ground Christmas Butterball fried "
    "Fried carve carved stuffed chicken or eat ate cook cooking pardoned pardons raw deli"
)

CONTEXT: dict[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    slug: (re.compile(rf"\b(?:{against})"), re.compile(rf"\b(?:{favour})"))
    for slug, against, favour in (
        (
            "georgia",
            r"Atlanta|Savannah|Augusta|Macon|Ga\.|Bulldogs|Peach State|Fulton County|Cobb County|Kemp\b|Raffensperger|"
            r"Stacey Abrams|Warnock|Ossoff|Florida|Alabama|Tennessee|South Carolina|North Carolina|Arizona|"
            r"Pennsylvania|Nevada|Michigan|Wisconsin|Georgia (?:State|Tech|Power|Dome|voters|Senate|Gov|Republican|Democrat)|"
            r"University of Georgia",
            r"Tbilisi|Saakashvili|Ossetia|Abkhaz|Russia|Caucasus|Soviet|Armenia|Azerbaijan|Ivanishvili|Kobakhidze|"
            r"Zourabichvili|Batumi|Black Sea|Georgian Dream|Shevardnadze|Moscow|Kremlin",
        ),
        ("odesa", r"Texas|Tex\.|Permian|Midland\b", r"Ukrain|Kyiv|Kiev|Black Sea|Russia|Crimea"),
        (
            "jordan",
            r"NBA|Bulls\b|basketball|sneaker|touchdown|quarterback|striker\b|midfielder|rapper|singer|album|Nike\b",
            r"Amman|[Kk]ing\b|Abdullah|[Kk]ingdom|Jordanian|Syria|Iraq|Israel|[Rr]efugee|West Bank|Hashemite|"
            r"Palestin|Egypt",
        ),
        (
            "chad",
            r"hanging chad|dimpled|quarterback|rapper|guitarist|NFL|Pennington|my |his wife|her husband",
            r"N'?[Dd]jamena|D[eé]by|Boko Haram|Darfur|Sudan|Sahel|Africa|Chadian|Habr[eé]|Libya|Cameroon|Niger",
        ),
        (
            "turkey",
            r"Thanksgiving|stuffing|cranberr|[Pp]oultry|oven\b|recipe|gravy|Butterball|roast",
            r"Ankara|Erdo[gğ]an|Istanbul|Turkish|Turks\b|NATO|Syria|PKK|Kurd|Greece|Cyprus|Iran|Russia|EU\b|lira|Ozal",
        ),
        (
            "lebanon",
            r"Pennsylvania|Tennessee|New Hampshire|Ohio\b|Indiana\b|Pa\.",
            r"Beirut|Hezbollah|Lebanese|Syria|Israel|Middle East",
        ),
        ("moscow", r"Idaho", r"Russia|Kremlin|Soviet|Putin|Ukrain"),
        (
            "athens",
            r"Georgia Bulldogs|University of Georgia|Athens, Ga|Ohio University",
            r"Gree[ck]|Acropolis|Aegean|euro",
        ),
        ("damascus", r"Maryland|Oregon|Md\.", r"Syria|Assad|Lebanon|Ghouta"),
        ("cairo", r"Illinois|Ill\.", r"Egypt|Sisi|Nile|Arab"),
        ("palestine", r"Texas|Ohio\b", r"Israel|Gaza|West Bank|Palestinian|Hamas|Jerusalem"),
        ("tripoli", r"Lebanon|Lebanese|Beirut", r"Libya|Haftar|Gaddafi|Benghazi|Misrata"),
        ("birmingham", r"Alabama|Ala\.", r"England|Britain|British|UK\b|Midlands"),
        ("san-jose-cr", r"", r"Costa Rica"),
        ("kingston", r"", r"Jamaica"),
        ("wellington", r"", r"New Zealand|Kiwi|N\.Z\."),
        ("alexandria", r"", r"Egypt|Nile|Cairo"),
        ("nassau", r"", r"Bahamas|Bahamian"),
        ("perth", r"Scotland|Scottish|Ontario", r"Australia"),
        ("cologne", r"perfume|fragrance|scent|aftershave", r"German|Rhine|cathedral"),
        ("salisbury", r"Maryland|Zimbabwe|North Carolina", r"Skripal|Novichok|England|Wiltshire|Brit|U\.?K"),
    )
}
"""Slug -> (words that speak against it, words that speak for it): dropped where only the first are in the text."""
