from datetime import UTC, datetime

import pytest

from monitor.claims.extract import extract, for_topics
from monitor.text.enrich import enrich
from schemas import Article, Claim, Modality, Polarity, PublisherKind, TaggedArticle, TopicMatch

SEEN = datetime(2026, 6, 4, tzinfo=UTC)


def claims_of(text: str, **fields: object) -> list[Claim]:
    """Return the claims of an article of ``text``."""
    article = Article.model_validate(
        {
            "article_id": "a",
            "content_hash": "h",
            "feed_id": "f",
            "text": text,
            "published_at": SEEN,
            "first_seen_at": SEEN,
            **fields,
        }
    )
    return extract(enrich(article))


def claim_of(text: str) -> Claim:
    """Return the one claim of ``text``."""
    (claim,) = claims_of(text)
    return claim


def test_a_claim_is_a_span_of_the_text_with_its_parts() -> None:
    """Quote, speaker and content are what stands at their spans; the quote holds the cue."""
    text = "Moscow denied on Monday that its jets had struck a market in Aleppo."
    claim = claim_of(text)
    assert text[slice(*claim.span)] == claim.quote
    assert claim.speaker_span is not None
    assert text[slice(*claim.speaker_span)] == claim.speaker == "Moscow"
    assert claim.content_span is not None
    assert text[slice(*claim.content_span)] == claim.content == "its jets had struck a market in Aleppo"
    assert claim.cue == "denied"
    assert (claim.polarity, claim.modality) == (Polarity.DENIES, Modality.FACT)


def test_person_capital_and_palace_speak_for_one_party() -> None:
    """The speaker is kept as written, and the party for which it speaks apart from it."""
    for speaker in ("Moscow", "The Kremlin", "Kremlin spokesman Dmitry Peskov"):
        claim = claim_of(f"{speaker} said that the bridge was open.")
        assert (claim.speaker, claim.speaker_party) == (speaker, "russia")


def test_a_spokesman_speaks_for_the_party_named_just_before() -> None:
    """A ministry's man whom no table knows is of the state that spoke in the sentence before him."""
    text = "Iran has denied that it sent troops to Yemen.\n\nMinistry spokesman Omid Rad said there was no such plan."
    assert [claim.speaker_party for claim in claims_of(text)] == ["iran", "iran"]


def test_rebels_do_not_speak_for_their_state() -> None:
    """A Syrian rebel is not Syria; state television in Damascus is."""
    assert claim_of("Syrian rebels said that the bridge was open.").speaker_party != "syria"
    assert claim_of("State television in Damascus said that the bridge was open.").speaker_party == "syria"


def test_where_somebody_is_does_not_say_for_whom_he_speaks() -> None:
    """Brokers in Baku and a historian who teaches in Tehran speak for no state; officials in Baku do."""
    assert claim_of("Brokers in Baku said that freight rates had risen.").speaker_party is None
    assert claim_of("Ada Holt, who teaches history in Tehran, said that rates had risen.").speaker_party is None
    assert claim_of("Officials in Baku said that freight rates had risen.").speaker_party == "azerbaijan"


@pytest.mark.parametrize(
    "text",
    [
        "Iran would neither confirm nor deny that it had bought wheat from Kazakhstan.",
        "Iran's ministry did not deny the sale of the wheat to Kazakhstan.",
        "The site did not say when its picture of the strike in Aleppo had been taken.",
        "Iran's ministry did not comment on the sale of the wheat to Kazakhstan.",
    ],
)
def test_what_is_not_said_is_no_claim(text: str) -> None:
    """Who neither confirms nor denies claims nothing, and the outlet does not claim it for him."""
    assert claims_of(text) == []


def test_a_dateline_is_no_part_of_who_speaks() -> None:
    """City and agency before the dash are who reports, not who speaks."""
    for head in ("THE HAGUE (Meridian) - ", "Cape Maru, June 3 (AP) — ", "DAMASCUS — "):
        assert claim_of(f"{head}The ministry denied that the pier was hit.").speaker == "The ministry"


def test_a_pronoun_goes_back_to_the_only_person_near() -> None:
    """“He” is the one person named before, not a guess among two."""
    one = "Dmitry Peskov said that the bridge was open.\n\nHe said that it had never been closed."
    assert [claim.speaker for claim in claims_of(one)] == ["Dmitry Peskov", "Dmitry Peskov"]
    two = (
        "Dmitry Peskov said that the bridge was open.\n\nAnna Holt said that it was shut.\n\nHe said that he was wrong."
    )
    assert [claim.speaker for claim in claims_of(two)] == ["Dmitry Peskov", "Anna Holt", "He"]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Holt said there was no truth in reports that the pier was hit.", "the pier was hit"),
        ("Holt said reports of a strike on the pier were false.", "a strike on the pier"),
        ("Holt said that there were no foreign troops on the island.", "foreign troops on the island"),
        ("Holt said a foreign base on the island was “out of the question”.", "a foreign base on the island"),
    ],
)
def test_a_rejection_without_a_verb_of_denial_denies_what_it_rejects(text: str, content: str) -> None:
    """“Said there was no X” denies X; the content is what is rejected."""
    claim = claim_of(text)
    assert (claim.polarity, claim.content) == (Polarity.DENIES, content)


def test_who_denies_its_own_plans_is_the_one_who_acts() -> None:
    """“Moscow denied plans to send troops” is on Russian troops, though the content names nobody."""
    assert "russia" in claim_of("Moscow has denied plans to station troops in Syria.").actors


def test_each_sentence_of_a_long_quotation_is_a_claim_of_its_own() -> None:
    """Quotations that go on in later sentences keep their speaker; no sentence is claimed twice."""
    text = "“The bridge is safe today,” Anna Holt said. “It was tested twice this week.”"
    claims = claims_of(text)
    assert [claim.quote for claim in claims] == [
        "“The bridge is safe today,” Anna Holt said",
        "“It was tested twice this week.”",
    ]
    assert {claim.speaker for claim in claims} == {"Anna Holt"}


def test_furniture_and_questions_make_no_claims() -> None:
    """A link to another article claims nothing, and asking claims nothing."""
    text = (
        "The harbour lies in the north, and it is the largest of the country.\n\nRead More: Moscow denies strike\n\n"
        "Reporters asked the ministry whether the harbour would open again on Friday."
    )
    assert claims_of(text) == []


def test_the_lead_is_the_outlets_own_claim_where_nobody_is_named() -> None:
    """An event told in the headline or the first sentences is claimed by the outlet itself: no speaker."""
    text = "Russian jets bombed a market in Aleppo on Tuesday, killing twelve people."
    claim = claim_of(text)
    assert (claim.speaker, claim.cue, claim.polarity) == (None, None, Polarity.ASSERTS)
    assert {"kill"} & set(claim.actions)
    assert claim.figures


def test_satire_claims_nothing_and_opinion_only_what_it_cites() -> None:
    """By publisher and section first: a column's own words are no report."""
    text = "Russian jets bombed a market in Aleppo. The ministry said that twelve people had died."
    assert claims_of(text, publisher_kind=PublisherKind.SATIRE) == []
    assert [claim.speaker for claim in claims_of(text, section="Opinion")] == ["The ministry"]
    assert [claim.speaker for claim in claims_of(text)] == [None, "The ministry"]


def test_ids_hang_on_article_speaker_and_words_alone() -> None:
    """An edit elsewhere in the article leaves a claim's id as it was; another speaker has another."""
    said = "The ministry said that twelve people had died in Aleppo."
    before = claim_of(said)
    after = next(claim for claim in claims_of(f"A crane fell in the port.\n\n{said}") if claim.speaker)
    assert before.claim_id == after.claim_id
    assert before.span != after.span
    assert claim_of(said.replace("The ministry", "The army")).claim_id != before.claim_id


def test_uncertain_dates_are_carried_and_not_used() -> None:
    """Where the dates disagree no day is worked out from “on Tuesday”."""
    text = "The ministry said on Tuesday that twelve people had died in Aleppo."
    assert claim_of(text).event_time == "2026-06-02"
    (old,) = claims_of(text, page_published_at=datetime(2015, 6, 4, tzinfo=UTC))
    assert old.date_uncertain
    assert old.event_time is None


def test_a_claim_goes_out_once_a_watched_topic() -> None:
    """One copy for each topic of the article that is watched, each naming all of those, in order."""
    article = Article(
        article_id="a", content_hash="h", feed_id="f", first_seen_at=SEEN, text="The army said that a bridge fell."
    )
    topics = tuple(TopicMatch(slug=slug, score=1.0) for slug in ("syria", "russia", "iran"))
    tagged = TaggedArticle(**dict(enrich(article)), story_id="s", lineage_id="l", topics=topics)
    claims = extract(tagged)
    assert [claim.topics for claim in claims] == [("iran", "russia", "syria")]
    assert [(claim.story_id, claim.lineage_id) for claim in claims] == [("s", "l")]
    copies = for_topics(claims, {"syria", "russia", "sudan"})
    assert [(copy.topic, copy.topics) for copy in copies] == [
        ("russia", ("russia", "syria")),
        ("syria", ("russia", "syria")),
    ]
    assert len(for_topics(claims, ())) == 3


@pytest.mark.parametrize(
    ("language", "text", "speaker", "party"),
    [
        ("ru", "Кремль опроверг сообщения о планах разместить войска в Сирии.", "Кремль", "russia"),
        ("fr", "Moscou a démenti avoir envoyé des troupes en Syrie, près de la capitale.", "Moscou", "russia"),
        ("de", "Moskau bestritt Berichte über eine Stationierung von Truppen in Syrien.", "Moskau", "russia"),
        ("es", "Moscú negó que sus aviones bombardearan el mercado de la ciudad.", "Moscú", "russia"),
    ],
)
def test_denials_in_other_languages_are_claims(language: str, text: str, speaker: str, party: str) -> None:
    """A denial is read in its own language, with the party that speaks."""
    (claim,) = claims_of(text, language_hint=language)
    assert (claim.language, claim.speaker, claim.speaker_party) == (language, speaker, party)
    assert claim.polarity is Polarity.DENIES


def test_nobody_a_date_and_a_strike_make_no_claims_and_have_no_speakers() -> None:
    """Nobody ("no group has claimed"), a date before a verb, and a raid that "claimed" lives say nothing."""
    assert claims_of("Bread is dear. " * 9 + "\n\nNo group has claimed that it shot the helicopter down.") == []
    raid = "Bread is dear. " * 9 + "\n\nIts air strikes near the town last week claimed more than 100 civilian lives."
    assert [claim.speaker for claim in claims_of(raid)] == []


def test_a_plane_is_shot_down_in_fact_and_a_report_in_words() -> None:
    """Of the two only the report is denied."""
    report = claims_of("The ministry shot down reports that it had sunk the trawler.")
    assert Polarity.DENIES in {claim.polarity for claim in report}
    plane = claims_of("Rebels shot down the air force plane near the town, residents said.")
    assert {claim.polarity for claim in plane} == {Polarity.ASSERTS}
