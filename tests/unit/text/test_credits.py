import pytest

from monitor.text.credits import agencies


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("CAPE MARU (Reuters) - A crane fell.", ("reuters",)),
        ("A crane fell.\n\n— AP", ("ap",)),
        ("A crane fell, TASS reported on Monday.", ("tass",)),
        ("Two were hurt, according to the Associated Press and AFP reports.", ("afp", "ap")),
        ("Кран упал, сообщает РИА Новости.", ("ria",)),
        ("Une grue est tombée, rapporte l'agence (AFP).", ("afp",)),
        ("(Reporting by Reuters; editing by A. Brandt)", ("reuters",)),
        ("The tower beside the Reuters building fell.", ()),
        ("The AP exam was hard.", ()),
        ("A crane fell.", ()),
    ],
)
def test_agencies_are_found_where_they_are_credited(text: str, slugs: tuple[str, ...]) -> None:
    """A credit, a dateline or a verb of reporting names an origin; a mere mention does not."""
    assert agencies(text) == slugs
