"""The names that mislead, and the words that tell them apart. Data of ``ambiguity.py``; all of it in English."""

from __future__ import annotations

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


def _strings(text: str) -> tuple[str, ...]:
    """Split at semicolons; "_" is a blank that belongs to the string."""
    return tuple(part.strip().replace("_", " ") for part in text.split(";") if part.strip())


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
    "raffle raffles supper shoot giveaway drive pie soup wings salad roast Raffle Supper Soup sandwich sandwiches "
    "breast breasts dinner dinners farm farms farmer farmers meat stuffing leg legs bacon burger burgers trot "
    "vulture vultures hunt hunting hunters carcass carcasses gravy sausage sausages meatballs producers producer "
    "prices Sandwich Breast Dinner Farm Farms Meat Bacon Burger Burgers Trot"
)
FOOD_BEFORE = _words(
    "roast roasted Roast Thanksgiving wild Wild frozen Frozen smoked ground Ground Christmas Butterball fried "
    "Fried carve carved stuffed chicken or eat ate cook cooking pardoned pardons raw deli"
)

CONTEXT = {
    "georgia": (
        _strings(
            "Atlanta; Savannah; Augusta; Macon; Ga.; Bulldogs; Peach State; Fulton County; Cobb County; Brian "
            "Kemp; Raffensperger; Stacey Abrams; Warnock; Ossoff; Florida; Alabama; Tennessee; South Carolina; "
            "North Carolina; Arizona; Pennsylvania; Nevada; Michigan; Wisconsin; Georgia State; Georgia Tech; "
            "Georgia Power; Georgia voters; Georgia Senate; Georgia Gov; Georgia Republican; Georgia Democrat; "
            "University of Georgia"
        ),
        _strings(
            "Tbilisi; Saakashvili; Ossetia; Abkhaz; Russia; Caucasus; Soviet; Armenia; Azerbaijan; Ivanishvili; "
            "Kobakhidze; Zourabichvili; Batumi; Black Sea; Georgian Dream; Shevardnadze; Moscow; Kremlin"
        ),
    ),
    "odesa": (
        _strings("Texas; Tex.; Permian; Midland; Ector"),
        _strings("Ukrain; Kyiv; Kiev; Black Sea; Russia; Crimea"),
    ),
    "jordan": (
        _strings("NBA; Chicago Bulls; basketball; sneaker; touchdown; quarterback; midfielder; rapper; Nike"),
        _strings(
            "Amman; King_; king_; Abdullah; ingdom; Jordanian; Syria; Iraq; Israel; efugee; West Bank; Hashemite; "
            "Palestin; Egypt"
        ),
    ),
    "chad": (
        _strings("hanging chad; dimpled; quarterback; rapper; guitarist; NFL"),
        _strings(
            "Djamena; djamena; Deby; Déby; Boko Haram; Darfur; Sudan; Sahel; Africa; Chadian; Habre; Habré; "
            "Libya; Cameroon; Niger"
        ),
    ),
    "turkey": (
        _strings("Thanksgiving; stuffing; cranberr; oultry; recipe; gravy; Butterball; roast"),
        _strings(
            "Ankara; Erdo; Istanbul; Turkish; Turks_; NATO; Syria; PKK; Kurd; Greece; Cyprus; Iran; Russia; EU_; "
            "lira; Ozal"
        ),
    ),
    "lebanon": (
        _strings("Pennsylvania; Tennessee; New Hampshire; Ohio; Indiana; Pa."),
        _strings("Beirut; Hezbollah; Lebanese; Syria; Israel; Middle East"),
    ),
    "moscow": (
        _strings("Idaho"),
        _strings("Russia; Kremlin; Soviet; Putin; Ukrain"),
    ),
    "athens": (
        _strings("Georgia Bulldogs; University of Georgia; Athens, Ga; Ohio University"),
        _strings("Greece; Greek; Acropolis; Aegean; euro"),
    ),
    "damascus": (
        _strings("Maryland; Oregon; Md."),
        _strings("Syria; Assad; Lebanon; Ghouta"),
    ),
    "cairo": (
        _strings("Illinois; Ill."),
        _strings("Egypt; Sisi; Nile; Arab"),
    ),
    "palestine": (
        _strings("Texas; Ohio"),
        _strings("Israel; Gaza; West Bank; Palestinian; Hamas; Jerusalem"),
    ),
    "tripoli": (
        _strings("Lebanon; Lebanese; Beirut"),
        _strings("Libya; Haftar; Gaddafi; Benghazi; Misrata"),
    ),
    "birmingham": (
        _strings("Alabama; Ala."),
        _strings("England; Britain; British; UK; Midlands"),
    ),
    "san-jose-cr": (
        _strings(""),
        _strings("Costa Rica"),
    ),
    "kingston": (
        _strings(""),
        _strings("Jamaica"),
    ),
    "wellington": (
        _strings(""),
        _strings("New Zealand; Kiwi; N.Z."),
    ),
    "alexandria": (
        _strings(""),
        _strings("Egypt; Nile; Cairo"),
    ),
    "nassau": (
        _strings(""),
        _strings("Bahamas; Bahamian"),
    ),
    "perth": (
        _strings("Scotland; Scottish; Ontario"),
        _strings("Australia"),
    ),
    "cologne": (
        _strings("perfume; fragrance; scent; aftershave"),
        _strings("German; Rhine; cathedral"),
    ),
    "salisbury": (
        _strings("Maryland; Zimbabwe; North Carolina"),
        _strings("Skripal; ovichok; England; Wiltshire; Brit; UK; U.K."),
    ),
}
"""Slug -> (strings that speak against it, strings that speak for it).

The name is dropped where the text has one of the first, or there are none to have, and none of the second.
"""
