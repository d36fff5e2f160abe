"""Pictures that are like one."""

from stockroom.images.repository.near_duplicates import insert_bands
from stockroom.images.repository.pictures import find_ready
from stockroom.runtime.database import Database
from stockroom.search.service import SearchIndex
from tests.factories import Statements
from tests.images.looks import make_thumbhash
from tests.search.pictures import Picture, at, image_ids, stock


def like(db: Database, number: int, limit: int = 12) -> list[int]:
    (picture,) = find_ready(db, [number])
    return image_ids([similar.picture for similar in SearchIndex(db).find_similar(picture, limit)])


def test_what_shares_the_rarest_comes_first(database: Database) -> None:
    texts = ["walrus on ice", "walrus", "ice", "ice", "ice cream", "desert"]
    numbers = stock(
        database,
        [Picture(id=at(2016, number=n), name=f"{n}", description=text) for n, text in enumerate(texts)],
    )
    found = like(database, numbers[0])
    assert found[0] == numbers[1]
    assert set(found[1:4]) == set(numbers[2:5])
    assert numbers[0] not in found
    assert like(database, numbers[0], 1) == [numbers[1]]


def test_looks_count(database: Database) -> None:
    numbers = stock(database, [Picture(id=at(2016, number=n), description="beach") for n in range(4)])
    for number, phash in zip(numbers, (0, 0b1, 0xFFFF_FFFF_FFFF_FFFF, None), strict=True):
        database.execute("UPDATE image SET phash = %s WHERE id = %s", (phash, number))
    assert like(database, numbers[0]) == [numbers[1], numbers[3], numbers[2]]


def test_pictures_that_share_nothing_but_what_filters_ask_for_are_ranked_by_their_looks(
    database: Database,
) -> None:
    """The terms of filters weigh nothing."""
    names = ("walrus", "desert", "harbour")
    numbers = stock(database, [Picture(id=at(2016, number=n), name=name) for n, name in enumerate(names)])
    for number, phash in zip(numbers, (0, 0b1, 0xFFFF_FFFF_FFFF_FFFF), strict=True):
        database.execute("UPDATE image SET phash = %s WHERE id = %s", (phash, number))
    assert like(database, numbers[0]) == [numbers[1], numbers[2]]


def test_a_picture_alone(database: Database) -> None:
    (number,) = stock(database, [Picture(id=at(2016), description="walrus")])
    assert like(database, number) == []


def test_duplicates_come_first_and_say_what_they_are(database: Database) -> None:
    texts = ["walrus on ice", "walrus on ice", "walrus", "desert", "walrus"]
    numbers = stock(
        database,
        [Picture(id=at(2016, number=n), name=f"{n}", description=text) for n, text in enumerate(texts)],
    )
    for number, phash in zip(numbers, (0xF0F, 1 << 63 | 0xF0F, (1 << 64) - 1, 0xF0E, None), strict=True):
        database.execute(
            "UPDATE image SET phash = %s, thumbhash = %s WHERE id = %s", (phash, make_thumbhash(), number)
        )
    database.execute("UPDATE image SET pixel_hash = 'p' WHERE id IN (%s, %s)", (numbers[0], numbers[4]))
    database.run_transaction(lambda cursor: insert_bands(cursor, numbers))
    (picture,) = find_ready(database, numbers[:1])
    index = SearchIndex(database)
    kinds = [(each.picture.image_id, each.kind) for each in index.find_similar(picture)]
    assert kinds == [
        (numbers[4], "same-pixels"),
        (numbers[3], "near"),
        (numbers[1], "near"),
        (numbers[2], "alike"),
    ]
    for limit in range(1, 4):
        assert [each.kind for each in index.find_similar(picture, limit)] == [kind for _, kind in kinds][
            :limit
        ]


def test_statements(database: Database, index: SearchIndex) -> None:
    numbers = stock(database, [Picture(id=at(2016, number=n), description="sea") for n in range(50)])
    database.execute("UPDATE image SET thumbhash = %s, phash = id, pixel_hash = id", (make_thumbhash(),))
    database.run_transaction(lambda cursor: insert_bands(cursor, numbers))
    (picture,) = find_ready(database, numbers[:1])
    with Statements(database) as statements:
        assert len(index.find_similar(picture, 50)) > 12
    assert statements.count <= 9
    with Statements(database) as statements:
        assert {each.kind for each in index.find_similar(picture, 1)} == {"near"}
    assert statements.count <= 6


def test_the_owner_and_the_licence_make_no_picture_similar(database: Database) -> None:
    first, *_ = stock(
        database,
        [
            Picture(id=at(2016), name="a", description="walrus", color="#ff0000", height=1200),
            Picture(id=at(2017), name="b", description="desert", color="#46963c", height=800),
        ],
    )
    assert like(database, first) == []


def test_the_creator_makes_no_picture_similar(database: Database) -> None:
    first, second, third = stock(
        database,
        [
            Picture(id=at(2016, number=0), name="a", description="walrus", creator="Ann Olafs"),
            Picture(id=at(2016, number=1), name="b", description="desert", creator="Ann Olafs"),
            Picture(id=at(2016, number=2), name="c", description="walrus", creator="Ben"),
        ],
    )
    assert like(database, first) == [third, second]
