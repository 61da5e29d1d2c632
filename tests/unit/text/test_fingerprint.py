from monitor.text.fingerprint import PERMUTATIONS, fingerprint, similarity

TEXT = (
    "The harbour was closed on Tuesday after a crane fell into the water, the port authority said. Two workers were "
    "taken to hospital, and the ferries were sent to the northern quay until divers had looked at the wreck."
)


def test_the_same_words_have_the_same_fingerprint() -> None:
    """Case, punctuation and line breaks are typesetting: copies that differ in them alone are equal."""
    assert fingerprint(TEXT) == fingerprint(TEXT.upper().replace(", ", " ").replace(". ", ".\n\n"))
    assert len(fingerprint(TEXT)) == PERMUTATIONS


def test_a_trimmed_copy_is_alike_and_another_report_is_not() -> None:
    """A copy that lost its last words stays near; another report of the same event is far."""
    other = (
        "A crane has toppled into the port, hurting two. Ferries use another berth while divers examine it, and an "
        "inquiry into the fall of the crane has been opened by the ministry of transport in the capital."
    )
    assert similarity(fingerprint(TEXT), fingerprint(TEXT.rsplit(" ", 4)[0])) > 0.7
    assert similarity(fingerprint(TEXT), fingerprint(other)) < 0.1


def test_short_texts_have_none() -> None:
    """A headline's few shingles say nothing of copying, and nothing is like it."""
    assert fingerprint("Crane falls into harbour") == ()
    assert similarity((), fingerprint(TEXT)) == 0.0
