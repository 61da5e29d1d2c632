"""What tells one language from its neighbours at sight: scripts, letters and function words.

The facts are those of the languages' alphabets and of their commonest words.
"""

from __future__ import annotations

__all__ = [
    "FUNCTION_WORDS",
    "HEADLINE_WORDS",
    "LETTERS",
    "MACEDONIAN_WORDS",
    "OF_SCRIPT",
    "ONLY_OF_SCRIPT",
    "SERBIAN_WORDS",
    "UNPROFILED",
]

ONLY_OF_SCRIPT = {
    "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "THAI": "th", "HEBREW": "he", "GREEK": "el", "GEORGIAN": "ka",
    "ARMENIAN": "hy", "BENGALI": "bn", "GURMUKHI": "pa", "GUJARATI": "gu", "ORIYA": "or", "TAMIL": "ta", "TELUGU": "te",
    "KANNADA": "kn", "MALAYALAM": "ml", "SINHALA": "si", "MYANMAR": "my", "KHMER": "km", "LAO": "lo", "TIBETAN": "bo",
    "ETHIOPIC": "am", "CJK": "zh",
}  # fmt: skip
"""Scripts (as Unicode names letters) that one language of the news writes; Chinese where there are no kana."""

OF_SCRIPT = {
    "ARABIC": ("ar", "fa", "ur"),
    "CYRILLIC": ("ru", "uk", "bg", "mk"),
    "DEVANAGARI": ("hi", "mr", "ne"),
}
"""The languages of langdetect's profiles that share a script; every other profile is Latin."""

LETTERS = {
    "cs": "řěů", "sk": "ľĺŕôä", "pl": "łąęśźż", "hr": "đćčšž", "sl": "čšž", "ro": "țșăţş", "hu": "őű", "tr": "ğışİ",
    "es": "ñ¿¡", "pt": "ãõ", "de": "ßäöü", "fr": "œçèêû", "ca": "ŀ", "da": "æøå", "no": "æøå", "sv": "äöå",
    "fi": "äö", "et": "õäöü", "lv": "āēīūķļņģ", "lt": "ėįųūą", "vi": "ơưđạảấầậắặẹếềểệịọốồộớờợụứừự", "sq": "ë",
    "uk": "іїєґ", "ru": "ыэё", "bg": "ъ", "mk": "ѓќѕ",
    "fa": "پچژگکی", "ur": "ٹڈڑےںہھ", "ar": "ةىيك", "mr": "ळ",
}  # fmt: skip
"""Letters that speak for a language against those of its script that never write them."""

UNPROFILED = {
    "sr": frozenset("ђћџјљњ"),
    "be": frozenset("ў"),
    "kk": frozenset("әғқңұһ"),
    "az": frozenset("ə"),
    "ps": frozenset("ښځڼړ"),
    "ckb": frozenset("ێۆڵڕ"),
}
"""Languages without a profile in langdetect given away by their own letters (Macedonian shares most of Serbian's)."""

SERBIAN_WORDS = frozenset(("је", "у", "су", "би", "ће", "као", "али", "када", "нису", "није", "код", "из"))
MACEDONIAN_WORDS = frozenset(("во", "е", "со", "ќе", "дека", "ги", "го", "како", "беше", "има"))
"""Words that the one writes and the other does not, or far less."""

FUNCTION_WORDS = {
    "en": "the of and to in is that for on was with as by at from has have had are were be been his her its he said "
    "says not will would after over who which this an it or",
    "de": "der die das und ist nicht den von zu mit für auf im dem des ein eine sich auch wird werden nach bei sind "
    "wurde hat",
    "fr": "le la les des et est dans une que qui pour sur pas du au aux avec ce cette son ses sont par plus ont été "
    "elle il",
    "es": "el los las del y es en una que por con para su sus se al como más fue está han lo pero",
    "pt": "o os as do da dos das e em um uma que não com para por se no na ao mais foi são pela pelo",
    "it": "il lo gli della del di e è che in una per con non si sono dal alla nel anche più ha",
    "nl": "de het een en van is dat op te zijn niet met voor er aan door bij ook naar wordt werd heeft",
    "af": "die 'n en van is het nie wat om met vir aan was hulle",
    "sv": "och att det som en är på för av med den till inte om har ett var från",
    "da": "og at det som en er på for af med den til ikke om har et var fra der blev",
    "no": "og at det som en er på for av med den til ikke om har et var fra seg ble",
    "pl": "i w na z się że nie do to jest jak po za od przez oraz został ma",
    "cs": "a v na se že je do za s z pro ve byl jako ale podle jsem",
    "sk": "a v na sa že je do za s z pre vo bol ako ale podľa som",
    "ro": "și în de la cu pe un o nu este care din pentru a că sunt fost",
    "hu": "a az és hogy nem egy is meg volt van már csak ez",
    "tr": "ve bir bu için ile da de olarak çok daha olan ne gibi var sonra dedi",
    "id": "yang dan di dari untuk dengan pada ini itu dalam tidak akan oleh telah ke",
    "tl": "ang ng sa mga na ay at si ni hindi para kay ito siya",
    "sw": "na ya wa kwa ni katika la za cha kuwa hii yake",
    "vi": "và của là có trong được cho không một với đã các người",
    "fi": "ja on ei että se oli hän mutta ovat myös kun",
    "hr": "i u je na se da su za od s ne koji kao",
    "ca": "el la els les de i és en que per amb del al una no com més",
    "ru": "и в на не что с по из за от как для его это был к у о",
    "uk": "і в на не що з за від як для його це був та до у про",
    "bg": "и в на не че с по от за като да е са се",
    "mk": "и во на не дека со по од за како да е се",
    "hi": "है और के में की से का को ने पर हैं था कि",
    "mr": "आहे आणि या च्या ने मध्ये हे ते आहेत होते",
    "ne": "छ र को मा ले हो छन् गरेको भने",
    "ar": "في من على إلى أن التي الذي عن مع هذا هذه كان",
    "fa": "در از به که را با این است برای آن و شد",
    "ur": "کے میں کی ہے اور سے کا کو نے پر ہیں یہ",
}  # fmt: skip
"""The commonest words of each language that can stand in a headline."""

HEADLINE_WORDS = {
    "en": "about against ahead among amid another any attack attacks back bank before begins being bid big blast boost "
    "buys calls can case chief claims closes club could court crash cuts deal deals deaths death debt decline "
    "deeper denies despite down during earthquake economy edges election ends face faces fails fall falls fears "
    "fight fighting fighters fire firm first flights fled floods food fuel gains gets gives government grows "
    "growth halts help high hit hits holds home hope hopes how if inquiry investigation jail jobs joins judge "
    "jury keeps killed kills law lawsuit lead leaders leads least leaves lifts like loses loss losses low made "
    "makes man market may meets men might minister more most moves mulls must names near new news next no off oil "
    "only opens other out own past peace people plan plans plea plunge police poll power price prices probe "
    "profit profits protest protesters quits raid raises rally rate rates reach reaches rebels record rejects "
    "report reports rescue return rise rises risk row rules run says sea sales seeks seen sees sells sends set "
    "sets shares should show shows slide soar some soldiers stake stock strike strikes strong study sues supply "
    "support surge sweeps takes takeover talks tax than their them then there these they this threat threatens "
    "three through tips to tops town trade trial troops truce two under union unveils up urges us use users "
    "victory village vote wants war warn warns was water way weak weather week welcomes what when where while why "
    "win wins with without woman women won work workers world worth year years you your",
    "de": "als aus bis durch gegen mehr nach neue neuer ohne über unter wegen wieder will zwei zwischen krieg tote "
    "angriff",
    "fr": "après avant chez contre depuis entre face guerre jusqu leur mort morts nouveau selon sous sans trois vers "
    "deux",
    "es": "ante contra desde entre guerra hasta muertos nuevo según sin sobre tras dos tres años",
    "it": "contro dopo fino guerra morti nuovo secondo senza sotto sulla tra due anni",
    "pt": "após até contra desde entre guerra mortos novo segundo sem sobre dois anos",
}
"""Words of headlines (which have few function words) that the neighbouring languages do not write."""
