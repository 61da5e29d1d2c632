import pytest

from monitor.claims.attribution import Attribution, attribute
from schemas import Modality, Polarity, Span


def words(text: str, spans: tuple[Span, ...]) -> str:
    """Return the words of ``spans``, parts of a broken one joined by " ... "."""
    return " ... ".join(text[start:end] for start, end in spans)


def read(text: str) -> list[tuple[str, str, str]]:
    """Return (source, cue, content) of each attribution in ``text``."""
    return [(words(text, a.source), words(text, a.cue), words(text, a.content)) for a in attribute(text)]


def only(text: str) -> Attribution:
    """Return the one attribution in ``text``."""
    (found,) = attribute(text)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The coast guard said two freighters had collided off Cape Maru.",
            ("The coast guard", "said", "two freighters had collided off Cape Maru"),
        ),
        (
            "A grain ship sank on Tuesday after a collision off Cape Maru, the coast guard said.",
            ("the coast guard", "said", "A grain ship sank on Tuesday after a collision off Cape Maru"),
        ),
        (
            "“The bridge is safe,” said Anna Holt, the minister of transport.",
            ("Anna Holt, the minister of transport", "said", "“The bridge is safe,”"),
        ),
        (
            "\"The bridge is safe,\" Holt told reporters.",
            ("Holt", "told", '"The bridge is safe,"'),
        ),
        (
            "''The bridge is safe,'' Holt said in a statement. ''It will stand.''",
            ("Holt", "said", "''The bridge is safe,'' ... ''It will stand.''"),
        ),
        (
            "The bridge, Holt said, was closed for repairs.",
            ("Holt", "said", "The bridge ... was closed for repairs"),
        ),
        (
            "According to the coast guard, the tanker was not moving.",
            ("the coast guard", "According to", "the tanker was not moving"),
        ),
        (
            "The tanker was not moving, according to two officials.",
            ("two officials", "according to", "The tanker was not moving"),
        ),
        (
            "Holt told The Harbour Post: “The bridge is safe.”",
            ("Holt", "told", "“The bridge is safe.”"),
        ),
        (
            "Captain Ilse Brandt, who commands the tanker, denied that the ships had touched.",
            ("Captain Ilse Brandt, who commands the tanker", "denied", "that the ships had touched"),
        ),
        (
            "On Monday, the ministry has also confirmed that the pier was hit.",
            ("the ministry", "has also confirmed", "that the pier was hit"),
        ),
        (
            "The mayor went on to say the pier was hit.",
            ("The mayor", "went on to say", "the pier was hit"),
        ),
        (
            "The pier was hit, the information minister of Yemen's internationally recognised government said.",
            ("the information minister of Yemen's internationally recognised government", "said", "The pier was hit"),
        ),
        (
            "The union accused the company of hiding the report.",
            ("The union", "accused", "the company of hiding the report"),
        ),
        (
            "While Holt said that the bridge was safe, the engineers closed it.",
            ("Holt", "said", "that the bridge was safe"),
        ),
        (
            "Lawmakers who said that the bridge was safe, left the room.",
            ("who", "said", "that the bridge was safe"),
        ),
    ],
)  # fmt: skip
def test_source_cue_and_content_of_one_statement(text: str, expected: tuple[str, str, str]) -> None:
    """Each clause shape gives who says it, by which words, and all of what is said but no more."""
    assert read(text) == [expected]


def test_the_second_of_two_verbs_has_the_subject_of_the_first() -> None:
    """“X denied A but said B” is two statements of X, and the first ends where the second begins."""
    text = "The company denied the charge but said that it would pay for the repairs."
    assert read(text) == [
        ("The company", "denied", "the charge"),
        ("The company", "said", "that it would pay for the repairs"),
    ]


def test_a_participle_goes_back_to_the_subject_of_its_clause() -> None:
    """“X denied A, adding that B”: X adds it; “with Y saying B”: Y says it."""
    text = "The company denied the charge, adding that it would sue."
    assert read(text)[1] == ("The company", "adding", "that it would sue")
    text = "Tehran has denied plans to send ships, with spokesman Omid Rad saying a fleet was “out of the question”."
    assert read(text) == [
        ("Tehran", "has denied", "plans to send ships"),
        ("spokesman Omid Rad", "saying", "a fleet was “out of the question”"),
    ]


def test_what_one_source_passes_on_is_said_by_the_other() -> None:
    """“Sites cited diplomats as saying that C”: the diplomats say C, and the sites are kept as the way it came."""
    text = "Two news sites cited Gulf diplomats as saying that a fleet had left port."
    found = only(text)
    assert words(text, found.source) == "Gulf diplomats"
    assert words(text, found.via) == "Two news sites"
    assert words(text, found.content) == "that a fleet had left port"


def test_a_quotation_goes_on_across_a_line_of_furniture() -> None:
    """A quotation left open at the end of a paragraph goes on in the next, past what is skipped."""
    text = 'Holt told the Post: “We were here.\n\nRead More: Fares to rise\n\n"We will stay here."'
    start = text.index("Read")
    (found,) = attribute(text, "en", [(start, text.index("\n", start))])
    assert words(text, found.content) == '“We were here. ... "We will stay here."'


def test_nothing_is_read_from_what_is_skipped() -> None:
    """Furniture has no statements."""
    text = "Read More: Mayor says bridge is safe"
    assert attribute(text, "en", [(0, len(text))]) == []


@pytest.mark.parametrize(
    "text",
    [
        "The army denied that it shelled the market.",
        "The army has repeatedly denied shelling the market.",
        "The army rejected claims that it shelled the market.",
        "The army dismissed as nonsense reports that it shelled the market.",
        "The army refuted the report.",
        "The army disputed the figure.",
    ],
)
def test_verbs_of_denial_deny(text: str) -> None:
    """Who denies, refutes, dismisses or rejects what was said puts it in doubt."""
    assert only(text).polarity is Polarity.DENIES


@pytest.mark.parametrize(
    "text",
    [
        "The judge denied bail to the captain.",
        "The guards denied entry to the reporters.",
        "The office denied him a visa.",
        "The court rejected an appeal by the company.",
        "The army did not deny that it shelled the market.",
        "The army never denied the report.",
    ],
)
def test_refusals_and_negated_denials_do_not_deny(text: str) -> None:
    """Bail, entry and visas are refused, not called untrue; and not to deny is no denial."""
    assert all(found.polarity is Polarity.ASSERTS for found in attribute(text))


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("The ministry said the pier was hit.", Modality.FACT),
        ("The pier was reportedly hit by a drone.", Modality.ALLEGATION),
        ("Troops are said to have hit the pier.", Modality.ALLEGATION),
        ("The union accused the company of hiding the report.", Modality.ALLEGATION),
        ("The ministry said it would send a fleet.", Modality.PLAN),
        ("The ministry vowed to send a fleet.", Modality.PLAN),
        ("Reporters asked whether the pier was hit.", Modality.QUESTION),
        ("The ministry said that if the pier was hit, it was by accident.", Modality.CONDITION),
    ],
)
def test_how_a_statement_is_put_is_kept(text: str, modality: Modality) -> None:
    """Facts, hedges, plans, questions and conditions are told apart."""
    assert attribute(text)[0].modality is modality


@pytest.mark.parametrize(
    "text",
    [
        "The claims were heard in court.",
        "The report was long.",
        "He lives in the United States of America.",
        "The delay had technical reasons.",
        "Denied bail, the captain went back to his cell.",
    ],
)
def test_nouns_and_participles_are_no_cues(text: str) -> None:
    """A word that is a verb elsewhere attributes nothing where it is a noun or has nobody who says it."""
    assert attribute(text) == []


def test_spans_lie_in_the_text_and_in_order() -> None:
    """Each span is inside the text, and cues come in the order in which they stand."""
    text = "“A bridge fell,” Holt said. The army denied that it had hit it, adding: “We were not there.”\n\n" * 3
    found = attribute(text)
    assert len(found) == 9
    cues = [item.cue[0] for item in found]
    assert cues == sorted(cues)
    assert all(0 <= a < b <= len(text) for item in found for a, b in (*item.source, *item.cue, *item.content))
