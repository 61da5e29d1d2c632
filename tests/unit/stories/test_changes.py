"""What becomes of stories and origins as articles come: merged, parted, found to be older."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from monitor.evaluation.stories import bcubed
from monitor.settings import DedupeSettings
from monitor.stories.index import StoryIndex
from monitor.stories.model import StoryModel, load
from schemas import EnrichedArticle, StoryAssignment

START = datetime(2026, 3, 2, 8, tzinfo=UTC)

WIRE = (
    "The dam above Tarnow held through the night although the river rose by two metres, engineers of the water board "
    "said on Monday. Crews piled eleven thousand sandbags on the eastern bank, and the mayor asked everyone below the "
    "bridge to sleep elsewhere until the level falls."
)

FLOOD = ("dam", "river", "tarnow", "sandbags", "engineers", "bridge", "flood", "levee", "upstream", "evacuate")
STRIKE = ("pilots", "airline", "walkout", "union", "airport", "cancelled", "wages", "flights", "ballot", "talks")


def article(article_id: str, title: str, text: str, hours: float = 0, **fields: object) -> EnrichedArticle:
    """An English article published some hours after the start."""
    at = START + timedelta(hours=hours)
    return EnrichedArticle.model_validate(
        {
            "article_id": article_id, "content_hash": article_id, "feed_id": "f", "title": title, "text": text,
            "published_at": at, "first_seen_at": at, "language": "en", **fields,
        }
    )  # fmt: skip


def report(article_id: str, words: tuple[str, ...], seed: int, hours: float = 0) -> EnrichedArticle:
    """A report in words of its own: most of ``words``, among others that no other report has."""
    draw = random.Random(seed)
    chosen = draw.sample(words, 7) + [f"x{seed}{number}" for number in range(6)]
    draw.shuffle(chosen)
    return article(article_id, " ".join(draw.sample(words, 5)), " ".join(chosen), hours)


def test_an_earlier_article_that_comes_late_becomes_the_origin_and_says_so() -> None:
    """The lineage keeps its id, the late article names the origin that it replaces, later copies name the new one."""
    index = StoryIndex({}, DedupeSettings())
    first = index.assign(article("copy", "River rises", WIRE, hours=3))
    late = index.assign(article("wire", "Dam holds", WIRE, hours=1))
    third = index.assign(article("third", "Mayor warns", WIRE, hours=4))
    assert (late.copy_of, late.origin_changed) == (None, "copy")
    assert (third.copy_of, third.origin_changed) == ("wire", None)
    assert first.lineage_id == late.lineage_id == third.lineage_id
    assert first.story_id == late.story_id


def test_a_text_that_credits_an_agency_is_no_origin_whatever_its_date() -> None:
    """An outlet's date does not make it the source of what it credits to someone else."""
    index = StoryIndex({}, DedupeSettings())
    index.assign(article("wire", "Dam holds", WIRE, hours=3, publisher="Reuters"))
    early = index.assign(article("paper", "River rises", WIRE, hours=1, credits=("reuters",), publisher="Valley Post"))
    assert (early.copy_of, early.origin_changed) == ("wire", None)


def test_the_agency_that_a_copy_credits_is_the_origin_when_its_own_text_comes() -> None:
    """A copy may be polled before the wire itself."""
    index = StoryIndex({}, DedupeSettings())
    index.assign(article("paper", "River rises", WIRE, hours=1, credits=("reuters",), publisher="Valley Post"))
    wire = index.assign(article("wire", "Dam holds", WIRE, hours=2, credits=("reuters",), publisher="Reuters"))
    assert (wire.copy_of, wire.origin_changed) == (None, "paper")


def test_an_article_without_a_date_replaces_no_origin() -> None:
    """When it was first seen says nothing of when it was written."""
    index = StoryIndex({}, DedupeSettings())
    index.assign(article("a", "Dam holds", WIRE, hours=3))
    assert index.assign(article("b", "River rises", WIRE, hours=1, published_at=None)).copy_of == "a"


def merging() -> tuple[StoryIndex, dict[str, bytes], list[StoryAssignment]]:
    """An index in which two stories on one flood were opened before an article showed that they are one."""
    store: dict[str, bytes] = {}
    index = StoryIndex(store, DedupeSettings(window_days=5), model=eager())
    told = [
        index.assign(article("a", "dam river tarnow", "dam river tarnow sandbags engineers")),
        index.assign(article("b", "levee flood upstream", "levee flood upstream evacuate bridge", hours=1)),
        index.assign(article("c", "dam river levee flood", "dam river tarnow levee flood upstream", hours=2)),
    ]
    assert "m" in {key.split("|")[0] for key in store}
    return index, store, told


def eager() -> StoryModel:
    """A model that looks at the cosine alone, and merges whatever one article belongs to."""
    return StoryModel("t", {name: 10.0 if name == "cosine" else 0.0 for name in load().weights}, -4.0, -4.0)


def test_two_stories_that_turn_out_to_be_one_are_merged_under_the_older_id() -> None:
    """The article that shows it names the id that is given up; what was told before is found under the new one."""
    index, _, (first, second, third) = merging()
    assert first.story_id != second.story_id
    assert third.story_id == first.story_id
    assert third.story_aliases == (second.story_id,)
    assert index.story_of("b") == first.story_id


def test_a_merge_is_known_after_a_rebuild_and_told_again_on_a_redelivery() -> None:
    """Another worker counts the merged articles as this one does, and repeats the decision as it was."""
    index, store, told = merging()
    again = StoryIndex(dict(store), DedupeSettings(window_days=5), model=eager())
    assert again.story_of("b") == index.story_of("b")
    repeated = again.assign(article("c", "dam river levee flood", "dam river tarnow levee flood upstream", hours=2))
    assert repeated == told[2]
    later = article("d", "dam river flood", "dam river tarnow flood upstream bridge", hours=3)
    assert again.assign(later) == index.assign(later)


def test_a_merge_is_forgotten_with_the_articles_that_it_concerns() -> None:
    """Nothing of a merge stays in the store when the window has moved on."""
    index, store, _ = merging()
    for number in range(4):
        index.assign(article(f"n{number}", f"unrelated{number}", f"unrelated{number} thing{number}", hours=24 * 30))
    assert {key.split("|")[0] for key in store} == {"a"}
    assert len(store) == 4


def drifting() -> tuple[StoryIndex, dict[str, bytes], list[StoryAssignment]]:
    """An index with one story that began with a flood and came to be about a strike."""
    store: dict[str, bytes] = {}
    # Joins anything that has one word of the story.
    greedy = StoryModel("t", {name: 100.0 if name == "cosine" else 0.0 for name in load().weights}, -0.1, 1e9)
    index = StoryIndex(store, DedupeSettings(), model=greedy)
    bridge = article("bridge", "river pilots", "dam river tarnow pilots airline walkout", hours=9)
    stream = [report(f"f{number}", FLOOD, number, number) for number in range(8)]
    stream += [bridge, *(report(f"s{number}", STRIKE, 50 + number, 10 + number) for number in range(8))]
    return index, store, [index.assign(each) for each in stream]


def test_a_story_that_has_drifted_parts_and_says_where_it_came_from() -> None:
    """The newer event gets an id of its own; the article at which it parts names the old one and what goes with it."""
    index, _, told = drifting()
    (parting,) = [each for each in told if each.split_articles]
    assert parting.split_from == told[0].story_id != parting.story_id
    assert parting.article_id in parting.split_articles
    assert all(each.startswith("s") for each in parting.split_articles if each != "bridge")
    assert index.story_of("s0") == parting.story_id
    assert index.story_of("f0") == told[0].story_id


def test_a_split_is_known_after_a_rebuild() -> None:
    """Another worker counts the parted articles as this one does."""
    index, store, told = drifting()
    again = StoryIndex(dict(store), DedupeSettings(), model=StoryModel("t", load().weights, -0.1, 1e9))
    assert [again.story_of(each.article_id) for each in told] == [index.story_of(each.article_id) for each in told]


def test_articles_shuffled_within_an_hour_give_the_same_stories() -> None:
    """What order polls bring in does not decide which event an article is of."""
    events = [tuple(f"e{event}w{number}" for number in range(12)) for event in range(12)]
    draw = random.Random(4)
    stream = [report(f"a{number}", events[draw.randrange(12)], number, hours=number / 30) for number in range(240)]
    shuffled = [each for hour in range(8) for each in draw.sample(stream[hour * 30 : hour * 30 + 30], 30)]
    found = []
    for order in (stream, shuffled):
        index = StoryIndex({}, DedupeSettings())
        for each in order:
            index.assign(each)
        found.append([index.story_of(each.article_id) or "" for each in stream])
    assert bcubed(*found)[2] >= 0.95
