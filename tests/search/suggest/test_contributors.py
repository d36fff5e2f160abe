"""Contributors by their names."""

from stockroom.images.owners import Owners
from stockroom.runtime.database import Database
from stockroom.search.service import SearchIndex
from stockroom.search.suggest.contributors import MAX_SCANNED, NAMES_A_PAGE, Contributor
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
    assert [index.complete_contributors(prefix) for prefix in ("", " ", "%", "erg", "x" * 300)] == [[]] * 5

    assert index.find_contributor(5) == Contributor(5, "Bob", 1)
    delete(database, pictures[-1].id)
    assert index.find_contributor(5) is None
    assert index.find_contributor(4) is None
    assert index.find_contributor(99) is None


def test_a_contributor_is_completed_by_each_word_of_their_name(
    database: Database, index: SearchIndex
) -> None:
    names = [
        "Zoë Ångström",
        "Ånne-Marie d'Été",
        "Иван Жук",
        "山田太郎",
        "100% Cotton",
        "Ann Lee",
        "Leena_x Li",
    ]
    owner_ids = [Owners(database).find_or_insert("i", name, name) for name in names]
    stock(database, [Picture(id=at(2016, number=id_), owner_id=id_) for id_ in owner_ids])

    def complete(prefix: str) -> list[str]:
        return [name for _, name, _ in index.complete_contributors(prefix)]

    assert complete("angs") == complete("ÅNGSTR") == ["Zoë Ångström"]
    assert complete("marie") == complete("ete") == ["Ånne-Marie d'Été"]
    assert complete("жу") == ["Иван Жук"]
    assert complete("太郎") == complete("山") == ["山田太郎"]
    # Those whose names begin so are not named twice, and what LIKE reads in its own way is a letter.
    assert complete("lee") == ["Ann Lee", "Leena_x Li"]
    assert complete("100%") == ["100% Cotton"]
    assert [complete(prefix) for prefix in ("%", "_", "!", "ee", "x li", "cott_n")] == [[]] * 6


def test_names_without_pictures_crowd_nobody_out(database: Database, index: SearchIndex) -> None:
    count = 3 * NAMES_A_PAGE
    people = range(1, count + 1)
    values = ", ".join(f"({id_}, 'i', 's{id_}', 'Ann {id_:04}', 'ann {id_:04}')" for id_ in people)
    database.execute(f"INSERT INTO owner (owner_id, issuer, subject, name, folded_name) VALUES {values}")
    stock(database, [Picture(id=at(2016), owner_id=count)])
    before = touched(database)
    last = Contributor(count, f"Ann {count}", 1)
    assert index.complete_contributors("ann") == index.complete_contributors(f"{count}") == [last]
    # The names, the terms of their owners, and all names once more into and out of a temporary table.
    assert touched(database) - before < 2 * (2 * count + 2 * MAX_SCANNED)


def touched(db: Database) -> int:
    return sum(int(value) for _, value in db.query("SHOW SESSION STATUS LIKE %s", ("Handler_read%",)))
