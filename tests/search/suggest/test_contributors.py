"""Contributors by their names."""

from stockroom.runtime.database import Database
from stockroom.search.service import SearchIndex
from stockroom.search.suggest.contributors import Contributor
from tests.search.index.library import delete
from tests.search.pictures import Picture, at, stock


def name_owners(database: Database, *names: str) -> None:
    for owner_id, name in enumerate(names, 1):
        database.execute(
            "INSERT INTO owner (owner_id, issuer, subject, name, folded_name) VALUES (%s, 'i', %s, %s, %s) "
            "ON DUPLICATE KEY UPDATE name = VALUES(name), folded_name = VALUES(folded_name)",
            (owner_id, f"subject {owner_id}", name, name.lower()),
        )


def test_contributors_are_completed_the_most_pictures_first(database: Database, index: SearchIndex) -> None:
    pictures = [
        Picture(id=at(2016, number=number), owner_id=owner_id)
        for number, owner_id in enumerate((1, 2, 2, 3, 5))
    ]
    stock(database, pictures)
    # The fourth has no pictures, and the fifth an unlike name.
    name_owners(database, "Ann Berg", "Anna", "ann berg", "Anneli", "Bob")
    expected = [Contributor(2, "Anna", 2), Contributor(1, "Ann Berg", 1), Contributor(3, "ann berg", 1)]
    assert index.complete_contributors("AN") == expected
    assert index.complete_contributors("Ann ", 1) == expected[:1]
    assert [index.complete_contributors(prefix) for prefix in ("", " ", "%", "berg", "x" * 300)] == [[]] * 5

    assert index.find_contributor(5) == Contributor(5, "Bob", 1)
    delete(database, pictures[-1].id)
    assert index.find_contributor(5) is None
    assert index.find_contributor(4) is None
    assert index.find_contributor(99) is None
