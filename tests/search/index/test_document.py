"""What a picture is found by, and how much each term weighs."""

import pytest

from stockroom.images.repository.pictures import find_ready
from stockroom.runtime.database import Database
from stockroom.search.index.document import Document, build_document
from tests.search.pictures import Picture, at, stock


def test_every_term_of_a_picture() -> None:
    document = Picture(id=at(2016), name="img_1.jpg", description="Red boats #sea", tags=("blue",)).document()
    assert document.terms() == sorted(
        [
            "*",
            *("img", "1", "jpg"),
            *("red", "boat", "sea", "#sea"),
            *("blue", "#blue"),
            *document.filter_terms,
        ]
    )
    assert "orientation:landscape" in document.filter_terms


def test_surface_forms_lead_to_terms() -> None:
    document = Document(name="", description="Boats", tags=("été",))
    assert document.surface_forms() == [
        (b"#ete\0\xc3\xa9t\xc3\xa9", "#ete"),
        (b"boats", "boat"),
        (b"ete", "ete"),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Beacon Street, Boston (2016)", {b"beacon", b"street", b"boston"}),
        ("Beacon Street.jpg", set()),
        ("wavesmidnight", set()),
        ("wavesmidnight017 copy2 IMG_12", set()),
    ],
)
def test_words_of_a_title_are_like_those_of_a_description(name: str, words: set[bytes]) -> None:
    forms = Document(name=name, description="").surface_forms()
    assert {surface for surface, _ in forms if not surface.startswith(b"\0")} == words
    # A picture is found by all of them.
    assert {term for _, term in Document(name=name, description="").surface_forms()} == {
        term for term in Document(name=name, description="").terms() if term != "*"
    }


def test_words_of_the_file_name_alone_are_apart() -> None:
    document = Document(name="IMG_Boats.jpg", description="Boats")
    assert document.surface_forms() == [(b"\0img", "img"), (b"\0jpg", "jpg"), (b"boats", "boat")]


def test_weights_grow_with_mentions_and_shrink_with_length() -> None:
    def weight(description: str, name: str = "", tags: tuple[str, ...] = ()) -> int:
        return Document(name=name, description=description, tags=tags).term_weights()["boat"]

    assert weight("boat") < weight("boat boat") < weight("boat boat boat") <= 255
    assert weight("boat boat") - weight("boat") > weight("boat boat boat") - weight("boat boat")
    assert weight("boat and many other words") < weight("boat")
    assert weight("x", name="boat") > weight("boat x")
    assert weight("x", tags=("boat",)) > weight("x", name="boat")


@pytest.mark.parametrize("description", ["word", " ".join(map(str, range(400))), ""])
def test_weights_fit_into_a_byte(description: str) -> None:
    document = Document(name="x", description=description, tags=("t",), filter_terms=("color:red",))
    weights = document.term_weights()
    assert weights.pop("*") == weights.pop("color:red") == 0
    assert all(1 <= weight <= 255 for weight in weights.values())


def test_a_picture_has_one_document_before_and_after_it_is_ready(database: Database) -> None:
    picture = Picture(id=at(2016), description="a boat #sea", tags=("blue",), height=1600)
    stock(database, [picture])
    (ready,) = find_ready(database, [picture.id])
    assert build_document(ready) == picture.document()
