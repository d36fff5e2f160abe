"""Related words of a library: what a word is taken for that no picture has, and what is suggested."""

import pytest

from stockroom.runtime.database import Database
from stockroom.runtime.errors import BadRequest
from stockroom.search.execution.cursor import PageCursor
from stockroom.search.index.id_ranges import MAX_ID
from stockroom.search.query.plan import Mode
from stockroom.search.related import words
from stockroom.search.related.thesaurus import find_related_words
from stockroom.search.related.words import MAX_ALTERNATIVES
from stockroom.search.service import SearchIndex, parse
from tests.factories import Statements
from tests.search.pictures import Picture, at, image_ids, stock

NO_WORDS = ("", " ", "xqzzy", "x" * 1000, "\0", "#sea", "two words", "whopper\ns", "yawn\ns", "bird\n5")
TEXTS = ("a gull on a post", "two herons", "red boat", "dog at the beach", "mountain lake", "street musician")


@pytest.fixture
def numbers(database: Database) -> list[int]:
    return stock(database, [Picture(id=at(2000 + n), name="x", description=t) for n, t in enumerate(TEXTS)])


def find(index: SearchIndex, q: str, **options: str) -> tuple[list[int], dict[str, tuple[str, ...]]]:
    page = index.find_images(parse(q, **options))  # type: ignore[arg-type]
    return image_ids(page.pictures), dict(page.related_words)


def test_a_wider_word_finds_its_kinds(index: SearchIndex, numbers: list[int]) -> None:
    gull, herons, _, dog, *_ = numbers
    assert find(index, "bird") == ([herons, gull], {"bird": ("gull", "herons")})
    assert find(index, "animals") == ([dog, herons, gull], {"animals": ("dog", "gull", "herons")})
    page = index.find_images(parse("bird"))
    assert (page.is_relaxed, page.corrected_query, page.count) == (False, "", None)


def test_other_languages(index: SearchIndex, numbers: list[int]) -> None:
    _, _, boat, dog, mountain, _ = numbers
    assert find(index, "Berge") == ([mountain], {"berge": ("mountain",)})
    assert find(index, "rotes Boot") == ([boat], {"rotes": ("red",), "boot": ("boat",)})
    assert find(index, "Strand") == ([dog], {"strand": ("beach",)})


def test_a_library_in_another_language(database: Database, index: SearchIndex) -> None:
    (number,) = stock(database, [Picture(id=at(2016), name="x", description="Berg im Nebel")])
    assert find(index, "mountain") == ([number], {"mountain": ("berg",)})


def test_plurals_in_a_library_in_another_language(database: Database, index: SearchIndex) -> None:
    dogs, cats = stock(
        database,
        [
            Picture(id=at(2016 + n), name="x", description=t)
            for n, t in enumerate(["zwei Hunde", "drei Katzen"])
        ],
    )
    assert find(index, "dog") == ([dogs], {"dog": ("hunde",)})
    assert find(index, "chat") == ([cats], {"chat": ("katzen",)})


def test_what_means_the_same_is_not_crowded_out(database: Database, index: SearchIndex) -> None:
    """Of an "animal" there is one picture, of each of 17 kinds there are two."""
    kinds = ("bat", "bear", "cat", "deer", "dog", "fox", "frog", "goat", "gull", "hare", "horse", "lion")
    more = ("mouse", "otter", "rabbit", "sheep", "wolf")
    texts = ["an animal", *(f"a {kind}" for kind in (*kinds, *more) * 2)]
    animal, *_ = stock(
        database, [Picture(id=at(2000 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    page = index.find_images(parse("Tier"), limit=100)
    assert animal in image_ids(page.pictures)
    assert len(page.related_words["tier"]) == MAX_ALTERNATIVES
    assert animal not in image_ids(index.find_images(parse("a -Tier"), limit=100).pictures)


@pytest.mark.parametrize("text", ["children", "women", "boys"])
def test_plurals_of_kinds(database: Database, index: SearchIndex, text: str) -> None:
    (number,) = stock(database, [Picture(id=at(2016), name="x", description=text)])
    assert find(index, "people") == ([number], {"people": (text,)})


@pytest.mark.parametrize(
    "text",
    [
        "foxes",
        "geese",
        "monkeys",
        "mice",
        "wolves",
        "buffaloes",
        "ponies",
        "giraffe",
        "sheep",
        "zebras",
        "a lynx",
    ],
)
def test_plurals_of_animals(database: Database, index: SearchIndex, text: str) -> None:
    (number,) = stock(database, [Picture(id=at(2016), name="x", description=text)])
    assert find(index, "animal") == ([number], {"animal": (text.removeprefix("a "),)})


def test_words_that_pictures_have_stay_required(index: SearchIndex, numbers: list[int]) -> None:
    gull, *_ = numbers
    assert find(index, "bird post") == ([gull], {"bird": ("gull", "herons")})
    page = index.find_images(parse("bird beach"))
    assert page.is_relaxed
    assert set(image_ids(page.pictures)) == {numbers[0], numbers[1], numbers[3]}


def test_a_word_that_some_picture_has_is_taken_literally(database: Database, index: SearchIndex) -> None:
    pictures = [Picture(id=at(2016 + n), name="x", description=t) for n, t in enumerate(["bird", "gull"])]
    bird, _ = stock(database, pictures)
    assert find(index, "bird") == ([bird], {})
    assert find(index, "#bird")[1] == find(index, '"bird of prey"')[1] == {}


def test_a_wider_word_where_there_is_nothing_nearer(index: SearchIndex, numbers: list[int]) -> None:
    *_, musician = numbers
    assert find(index, "spaniel")[1] == {"spaniel": ("dog",)}
    assert find(index, "violinist") == ([musician], {"violinist": ("musician",)})


def test_related_words_come_before_words_that_are_spelled_alike(
    database: Database, index: SearchIndex
) -> None:
    _, mountain = stock(
        database,
        [
            Picture(id=at(2016), name="x", description="barge"),
            Picture(id=at(2017), name="x", description="mountain"),
        ],
    )
    assert find(index, "berge") == ([mountain], {"berge": ("mountain",)})
    page = index.find_images(parse("berge montain"))
    assert (page.corrected_query, page.related_words) == ("berge mountain", {"berge": ("mountain",)})


def name_owners(db: Database, *names: str) -> None:
    for number, name in enumerate(names, 1001):
        db.execute(
            "INSERT INTO owner (owner_id, issuer, subject, name, folded_name) "
            "VALUES (%s, 'test', %s, %s, %s)",
            (number, f"s{number}", name, name.lower()),
        )


def test_a_word_may_be_a_name_and_have_related_words(database: Database, index: SearchIndex) -> None:
    """Nobody who is called Vogel hides the birds."""
    name_owners(database, "Anna Vogel", "Bob")
    pictures = [
        Picture(id=at(2016), name="x", description="a car", owner_id=1001),
        Picture(id=at(2017), name="x", description="a gull on a tree", owner_id=1002),
        Picture(id=at(2018), name="x", description="a tree", owner_id=1002),
    ]
    car, gull, _ = stock(database, pictures)
    page = index.find_images(parse("vogel"))
    assert image_ids(page.pictures) == [gull, car]
    assert (page.corrected_query, page.related_words) == ("by:vogel", {"vogel": ("gull",)})
    assert find(index, "Vogel tree")[0] == [gull]
    assert find(index, "by:vogel") == ([car], {})


def test_names_have_no_wider_words(database: Database, index: SearchIndex) -> None:
    name_owners(database, "Gull", "Bob")
    pictures = [
        Picture(id=at(2016 + n), name="x", description=text, owner_id=n + 1001)
        for n, text in enumerate(["a car", "a bird"])
    ]
    car, _ = stock(database, pictures)
    assert find(index, "gull") == ([car], {})


def test_what_was_typed_is_never_crowded_out(database: Database, index: SearchIndex) -> None:
    """A relaxed query has room for 32 words."""
    fish = (
        "bass",
        "carp",
        "cod",
        "eel",
        "goby",
        "hake",
        "perch",
        "pike",
        "roach",
        "salmon",
        "shark",
        "trout",
    )
    insects = ("ant", "bee", "beetle", "butterfly", "dragonfly", "fly", "ladybird", "moth", "wasp", "cricket")
    flowers = ("anemone", "aster", "begonia", "daisy", "marigold", "poppy", "primrose", "sunflower", "violet")
    texts = ["harbour", "harbour", "harbour", *fish, *insects, *flowers]
    numbers = stock(
        database, [Picture(id=at(2000 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    page = index.find_images(parse("harbour animals flowers insects"), None, 100)
    assert page.is_relaxed
    assert set(numbers[:3]) <= set(image_ids(page.pictures))
    assert len(page.related_words) == 3


def test_what_is_excluded_is_no_related_word(index: SearchIndex, numbers: list[int]) -> None:
    gull, herons, *_ = numbers
    assert find(index, "bird -gull") == ([herons], {"bird": ("herons",)})
    assert find(index, "bird -herons -gull") == ([], {})
    assert gull not in find(index, "animal -gull")[0]


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_pages(database: Database, index: SearchIndex, sort: str) -> None:
    texts = ["gull", "heron", "gull heron", "swan", "a dog"] * 3
    numbers = stock(
        database, [Picture(id=at(2000 + n), name="x", description=t) for n, t in enumerate(texts)]
    )
    query = parse("birds", sort=sort)
    seen: list[int] = []
    page = index.find_images(query, None, 2)
    while True:
        seen += image_ids(page.pictures)
        assert page.related_words == {"birds": ("gull", "heron", "swan")}
        if page.next is None:
            break
        page = index.find_images(query, page.next, 2)
    assert sorted(seen) == sorted(
        number for number, text in zip(numbers, texts, strict=True) if "dog" not in text
    )
    if sort == "relevance":
        assert {seen.index(number) for number in numbers[2::5]} == {0, 1, 2}


@pytest.mark.parametrize("sort", ["newest", "relevance"])
@pytest.mark.parametrize("q", ["bird", "bird post"])
def test_a_word_that_a_picture_gets_between_two_pages(
    database: Database, index: SearchIndex, q: str, sort: str
) -> None:
    """Later pages go on with the related words of the first."""
    stock(
        database,
        [Picture(id=at(2016, number=n), name="x", description="gull on a post") for n in range(30)],
    )
    query = parse(q, sort=sort)
    first = index.find_images(query, None, 20)
    assert len(first.pictures) == 20
    stock(database, [Picture(id=at(2020), name="x", description="bird on a post")])
    second = index.find_images(query, first.next, 20)
    assert len(second.pictures) == 10
    assert len({*image_ids(first.pictures), *image_ids(second.pictures)}) == 30
    assert second.related_words["bird"] == ("gull",)


def test_of_many_the_commonest(database: Database, index: SearchIndex) -> None:
    words = ["ant", "badger", "bear", "beaver", "bee", "beetle", "camel", "cat", "cow", "deer"]
    words += ["dog", "duck", "eagle", "fox", "frog", "goat", "horse"]
    stock(
        database,
        [Picture(id=at(2000 + n), name="x", description=" ".join(words[n:])) for n in range(len(words))],
    )
    related = find(index, "animal")[1]["animal"]
    assert len(related) == MAX_ALTERNATIVES < len(words)
    assert related[0] == "horse"


@pytest.mark.usefixtures("numbers")
def test_suggestions(index: SearchIndex) -> None:
    assert index.suggest_related_words("Bird") == [("gull", 1), ("herons", 1)]
    assert index.suggest_related_words("birds", 1) == [("gull", 1)]
    assert index.suggest_related_words("Hund") == [("dog", 1)]
    assert index.suggest_related_words("gull") == []
    assert [index.suggest_related_words(word) for word in NO_WORDS] == [[]] * len(NO_WORDS)


@pytest.mark.usefixtures("numbers")
def test_one_statement_for_all_words(database: Database, index: SearchIndex) -> None:
    index.find_images(parse("xqzzy"))
    with Statements(database) as statements:
        index.suggest_related_words("animal")
    assert statements.count == 1


@pytest.mark.usefixtures("numbers")
def test_how_many_words_are_looked_up(index: SearchIndex) -> None:
    page = index.find_images(parse("xqzza xqzzb xqzzc bird"))
    assert (page.pictures, page.related_words) == ([], {})


def expand(index: SearchIndex, q: str, sort: str = "") -> tuple[list[int], dict[str, tuple[str, ...]]]:
    page = index.find_images(parse(q, expand="related", sort=sort))
    return image_ids(page.pictures), dict(page.related_words)


def test_words_that_pictures_have_are_expanded_where_it_is_asked_for(
    database: Database, index: SearchIndex
) -> None:
    texts = ["a bird", "a gull", "a heron in a tree", "a dog"]
    bird, gull, heron, _ = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    assert find(index, "bird") == ([bird], {})
    assert expand(index, "bird") == ([heron, gull, bird], {"bird": ("gull", "heron")})
    # What was asked for comes before what is related to it.
    assert expand(index, "bird", "relevance")[0][0] == bird
    assert expand(index, "birds tree")[0] == [heron]
    assert expand(index, "gull") == ([gull], {})
    assert expand(index, "xqzzy") == ([], {})
    assert expand(index, "")[1] == {}
    with pytest.raises(BadRequest, match="expand is one of related, completions, not 'all'"):
        parse("bird", expand="all")


def test_what_is_no_form_of_a_word_has_wider_words_where_nothing_is_near(
    database: Database, index: SearchIndex
) -> None:
    (vessel,) = stock(database, [Picture(id=at(2016), name="x", description="a vessel")])
    assert find(index, "brige") == ([vessel], {"brige": ("vessel",)})


def test_an_unfinished_word_is_expanded_both_ways(database: Database, index: SearchIndex) -> None:
    texts = ["a mountain", "Bergen"]
    mountain, bergen = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    assert find(index, "berge")[0] == [bergen, mountain]
    assert expand(index, "berge") == ([bergen, mountain], {"berge": ("bergen", "mountain")})


def test_words_that_ask_for_pictures_are_left_out(index: SearchIndex, numbers: list[int]) -> None:
    _, _, _, dog, mountain, _ = numbers
    assert find(index, "Bilder vom Berg") == ([mountain], {"berg": ("mountain",)})
    assert find(index, "Fotos mit Hund") == ([dog], {"hund": ("dog",)})
    assert find(index, "pictures of a dog") == ([dog], {})
    assert find(index, "photos")[0] == []


def test_words_that_ask_for_pictures_are_left_out_where_no_picture_has_all(
    database: Database, index: SearchIndex
) -> None:
    texts = ["an old man near a camera", "a photo on a wall", "a photo of an old boat im Hafen"]
    man, _, boat = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    assert find(index, "photo of an old man")[0] == find(index, "old man im Bild")[0] == [man]
    assert not index.find_images(parse("photo of an old man")).is_relaxed
    assert find(index, "old photo")[0] == [boat]
    assert "photo" not in expand(index, "photo of a boat")[1]


@pytest.mark.parametrize("q", ["photos of an anchor", "Bild von Anchor", "Photo of anchors"])
def test_photos_of_something_need_not_say_that_they_are_photos(
    database: Database, index: SearchIndex, q: str
) -> None:
    texts = ["photo of an anchor", "rusty anchor", "Bild von einem Schiff"]
    photo, rusty, _ = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    assert find(index, q)[0] == [rusty, photo]
    assert find(index, f'"{q[:8]}"')[0] != [rusty, photo]


@pytest.mark.parametrize(
    ("q", "texts"),
    [
        ("photo cand", ["tiny candle", "rock band", "photo booth"]),
        ("photo crocod", ["tiny crocodile", "photo booth"]),
        ("bild von accord", ["an accordion", "Bild eines Reihers"]),
        ("photo of a tiny cand", ["tiny candle", "a wax candle", "photo booth"]),
        ("photo ford", ["old Ford", "Fordham", "photo booth"]),
    ],
)
def test_a_word_behind_those_that_ask_for_pictures_is_read_as_if_alone(
    database: Database, index: SearchIndex, q: str, texts: list[str]
) -> None:
    numbers = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    page = index.find_images(parse(q))
    assert image_ids(page.pictures) == numbers[:1]
    assert (page.is_relaxed, page.corrected_query) == (False, "")


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_a_word_behind_those_that_ask_for_pictures_that_becomes_a_word_between_two_pages(
    database: Database, index: SearchIndex, sort: str
) -> None:
    candles = stock(database, [Picture(id=at(2016, number=n), description="tiny candle") for n in range(9)])
    query = parse("photo cand", sort=sort)
    page = index.find_images(query, None, 3)
    stock(database, [Picture(id=at(2020), description="cand bar")])
    found = image_ids(page.pictures)
    while page.next:
        page = index.find_images(query, page.next, 3)
        found += image_ids(page.pictures)
    assert sorted(found) == sorted(candles)


def test_words_that_ask_for_pictures_cost_no_more_while_one_is_typed(
    database: Database, index: SearchIndex
) -> None:
    stock(database, [Picture(id=at(2016), name="x", description="tiny candle")])
    index.find_images(parse("photo"))
    with Statements(database) as statements:
        index.find_images(parse("photo cand"))
    # The terms, the expansions, the ids, the pictures.
    assert statements.count == 4


def test_a_word_behind_those_that_ask_for_pictures_costs_no_more_where_a_picture_has_it(
    database: Database, index: SearchIndex
) -> None:
    texts = ("Fordham", "photo booth")
    stock(database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)])
    index.find_images(parse("photo"))
    with Statements(database) as statements:
        page = index.find_images(parse("photo fordham"))
    assert len(page.pictures) == 1
    # The terms, the ids with both words, the ids with the one, the pictures.
    assert statements.count == 4


@pytest.mark.parametrize(
    ("q", "text"),
    [("mit photo", "MIT campus"), ("photos mit", "MIT campus"), ("den photo", "lion den")],
)
def test_of_fillers_alone_those_that_ask_for_pictures_are_left_out(
    database: Database, index: SearchIndex, q: str, text: str
) -> None:
    number, _ = stock(
        database,
        [Picture(id=at(2016 + n), name="x", description=t) for n, t in enumerate([text, "photo booth"])],
    )
    page = index.find_images(parse(q))
    assert (image_ids(page.pictures), page.is_relaxed) == ([number], False)


def test_a_word_that_asks_for_pictures_may_be_misspelt(database: Database, index: SearchIndex) -> None:
    candle, _ = stock(
        database,
        [Picture(id=at(2016 + n), name="x", description=t) for n, t in enumerate(["candle", "photo booth"])],
    )
    page = index.find_images(parse("candle phot"))
    assert (image_ids(page.pictures), page.is_relaxed) == ([candle], False)


@pytest.mark.parametrize(
    ("q", "text"), [("tiger den", "lion den"), ("mit stanford", "MIT campus"), ("photo xqzzy", "photo booth")]
)
def test_a_word_that_is_left_out_counts_where_no_picture_has_another(
    database: Database, index: SearchIndex, q: str, text: str
) -> None:
    numbers = stock(database, [Picture(id=at(2016), name="x", description=text)])
    page = index.find_images(parse(q))
    assert (image_ids(page.pictures), page.is_relaxed) == (numbers, True)


@pytest.mark.parametrize(
    ("q", "text"),
    [
        ("muenchen", "München"),
        ("Zuerich", "Zürich"),
        ("nuernberg", "Nürnberg"),
        ("koeln", "Köln"),
        ("ruegen", "Rügen"),
        ("sueden", "Im Süden"),
        ("schoene", "Schöne Aussicht"),
        ("schoene aussicht", "Schöne Aussicht"),
        ("schroeder", "Schröder"),
    ],
)
def test_a_word_is_found_as_it_is_written_without_umlauts(
    database: Database, index: SearchIndex, q: str, text: str
) -> None:
    number, _ = stock(
        database, [Picture(id=at(2016 + n), name="x", description=t) for n, t in enumerate([text, "a city"])]
    )
    page = index.find_images(parse(q))
    assert (image_ids(page.pictures), page.is_relaxed) == ([number], False)


@pytest.mark.parametrize(
    ("q", "text", "part"),
    [
        ("Apfelkuchen", "Kuchen mit Sahne", "kuchen"),
        ("Winterlandschaften", "Landschaft bei Husum", "landschaft"),
        ("Holztisch", "Tisch", "tisch"),
        ("Bergsee", "See im Nebel", "see"),
        ("Bergsee", "A lake", "lake"),
    ],
)
def test_the_last_part_of_a_compound_is_found_and_named(
    database: Database, index: SearchIndex, q: str, text: str, part: str
) -> None:
    number, _ = stock(
        database, [Picture(id=at(2016 + n), name="x", description=t) for n, t in enumerate([text, "Berge"])]
    )
    assert find(index, q) == ([number], {q.lower(): (part,)})


def test_forms_are_shared_by_need(index: SearchIndex, numbers: list[int]) -> None:
    """A word without related words takes nothing from one with thousands."""
    page = index.find_images(parse("animal xqzzy"))
    assert page.related_words == {"animal": ("dog", "gull", "herons")}
    assert len(page.pictures) == len(numbers) - 3


def test_related_words_of_an_excluded_word_are_excluded(index: SearchIndex, numbers: list[int]) -> None:
    gull, herons, _, dog, *_ = numbers
    assert find(index, "animals -Hund")[0] == [herons, gull]
    assert find(index, "animals -bird")[0] == [dog]
    assert find(index, "animals -xqzzy")[0] == [dog, herons, gull]
    assert find(index, "dog -#hund")[0] == find(index, 'dog -"hund"')[0] == [dog]
    assert find(index, 'animals -"Hund"')[0] == [dog, herons, gull]
    # Words that the stemmer takes an ending from.
    assert find(index, "animals -Moewe")[0] == [dog, herons]
    assert find(index, "animals -Möwe -Hunde")[0] == [herons]


def test_words_of_a_dictionary_are_not_corrected(database: Database, index: SearchIndex) -> None:
    texts = ["rome", "tree", "zebra crossing"]
    rome, *_ = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    assert [find(index, word)[0] for word in ("rose", "roses", "free", "hund")] == [[]] * 4
    assert find(index, "rmoe")[0] == [rome]


def test_what_pictures_of_a_topic_show_is_not_excluded_with_it(
    database: Database, index: SearchIndex
) -> None:
    """Who wants no beach, in a library without one, wants the sea all the same."""
    texts = ["the sea", "a flower", "a dog", "a spaniel"]
    sea, flower, dog, spaniel = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    assert find(index, "sea -beach")[0] == [sea]
    assert find(index, "flower -rose")[0] == [flower]
    assert find(index, "flower -roses -tulip")[0] == [flower]
    # Nor is what the query asks for.
    assert find(index, "dog -animal")[0] == [dog]
    assert find(index, "-hunde")[0] == [flower, sea]
    assert spaniel not in find(index, "-hunde")[0]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ('"hot dog" -Hund', {"a hot dog"}),
        ('"hot dog" -Welpe', {"a hot dog"}),
        # Of what is asked for in another language, no kind is excluded, but the word itself is.
        ("puppy -Hund", {"a puppy"}),
        ("Welpe -Hund", {"a puppy"}),
        ("Tier -Hund", {"a heron"}),
        ("Hund -Hunde", set()),
        ("Hund -Hund", set()),
        # What takes pictures is no word for them.
        ("woman -Foto", {"a woman with a camera", "portrait of a woman"}),
        ("woman -Bild", {"a woman with a camera", "portrait of a woman"}),
    ],
)
def test_what_is_asked_for_is_not_excluded(
    database: Database, index: SearchIndex, q: str, found: set[str]
) -> None:
    texts = ["a hot dog", "a puppy", "a heron", "a woman with a camera", "portrait of a woman"]
    texts += ["photo of a woman", "a dog"]
    numbers = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    by_number = dict(zip(numbers, texts, strict=True))
    assert {by_number[number] for number in find(index, q)[0]} == found


def test_a_misspelt_word_stands_for_what_the_word_means(database: Database, index: SearchIndex) -> None:
    """No picture has the word that was meant, so no word of a picture is near."""
    texts = ["a butterfly", "a spaniel", "blue sky", "two bicycles"]
    butterfly, _, sky, bicycles = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    assert find(index, "Schmeterling") == ([butterfly], {"schmeterling": ("butterfly",)})
    assert find(index, "Fahrrrad")[0] == find(index, "Farrad")[0] == [bicycles]
    # Both ways of a slip: of a word that some picture has, and of one that none has.
    assert find(index, "bluue schmeterling")[1] == {"schmeterling": ("butterfly",)}
    assert find(index, "schmeterling -butterfly")[0] == []
    # One slip makes another word of a short one, and a word of a dictionary is no other one.
    assert find(index, "hunf")[0] == find(index, "schreiner")[0] == []
    assert sky not in find(index, "xqzzyxq")[0]


def test_of_many_misspelt_words_the_first_are_looked_up(
    index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of forms are looked up in the dictionary for each."""
    asked: list[str] = []

    def find_none(word: str) -> list[str]:
        asked.append(word)
        return []

    monkeypatch.setattr(words, "list_nearest_words", find_none)
    find(index, " ".join(f"xqzzyxq{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"))
    assert asked == ["xqzzyxqa", "xqzzyxqb", "xqzzyxqc"]


def test_a_word_with_an_accent_is_no_english_word_that_has_none(
    database: Database, index: SearchIndex
) -> None:
    texts = ["a grizzly bear", "a stick in a tavern", "a bar"]
    bear, *_ = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts[:2])]
    )
    assert find(index, "B\u00e4r")[0] == find(index, "Ba\u0308ren")[0] == [bear]
    assert bear not in find(index, "-B\u00e4r stick")[0]
    assert [word for word, _ in index.suggest_related_words("B\u00e4r")][:1] == ["bear"]
    # An accent alone makes no other language of an English word.
    assert find_related_words("bicycle", is_accented=True) == find_related_words("bicycle")


def test_a_word_of_a_dictionary_is_not_the_beginning_of_another_unsaid(
    database: Database, index: SearchIndex
) -> None:
    texts = [
        "tea bushes",
        "a coach",
        "two seeds",
        "a calm lake",
        "a carved red bird",
        "sunflowers",
        "sunflower",
    ]
    bushes, coach, _, lake, carved, *sunflowers = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    # What a word means comes first,
    assert find(index, "bus") == ([coach], {"bus": ("coach",)})
    assert find(index, "See") == ([lake], {"see": ("lake",)})
    # else the words that begin so, and the answer names them, on later pages, too: of a short everyday word
    # those alone that are its compounds.
    assert find(index, "car") == ([], {})
    assert find(index, "carv")[0] == [carved]
    assert find(index, "sun") == (sunflowers[::-1], {"sun": ("sunflower",)})
    first = index.find_images(parse("sun"), None, 1)
    later = index.find_images(parse("sun"), first.next, 1)
    assert image_ids(later.pictures) == sunflowers[:1]
    assert first.related_words == later.related_words == {"sun": ("sunflower",)}
    # Beside other words, too,
    (red,) = stock(database, [Picture(id=at(2023), name="x", description="a red sunflower")])
    assert find(index, "red sun") == ([red], {"sun": ("sunflower",)})
    # and nothing carved is a part of "car", whether some picture has that or not.
    assert find(index, "red car") == ([red, carved], {})
    (toy,) = stock(database, [Picture(id=at(2022, 6), name="x", description="a toy car")])
    assert find(index, "red car") == ([red, toy, carved], {})
    assert index.find_images(parse("red car")).is_relaxed
    # Words of file names are found, and shown to nobody.
    (midnight,) = stock(database, [Picture(id=at(2024), name="lakemidnight017xyz.jpg")])
    assert find(index, "lak")[0] == [midnight, lake]
    (named,) = stock(database, [Picture(id=at(2025), name="moonmidnight017xyz.jpg")])
    assert find(index, "moon") == ([named], {})
    # What is no word may be unfinished.
    assert find(index, "bush") == find(index, "bushe") == ([bushes], {})


def test_a_short_everyday_word_is_the_beginning_of_no_other_word(
    database: Database, index: SearchIndex
) -> None:
    texts = ["warm lights", "a peninsula", "turquoise air", "a galaxy", "a bright sky", "a walker"]
    numbers = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    warm, peninsula, turquoise, galaxy, bright, walker = numbers
    for q in ("war", "pen", "a big war", "T\u00fcr"):
        assert find(index, q) == ([], {}), q
    # Who asks for completions has them, and so has what is no everyday word, or goes on.
    assert find(index, "war", expand="completions") == ([warm], {"war": ("warm",)})
    assert find(index, "pen", expand="completions") == ([peninsula], {"pen": ("peninsula",)})
    assert find(index, "gal") == ([galaxy], {"gal": ("galaxy",)})
    assert find(index, "wal") == ([walker], {"wal": ("walker",)})
    assert find(index, "peni")[0] == [peninsula]
    assert find(index, "turq")[0] == [turquoise]
    # A brig is a craft, and no picture of it is one of just any vehicle.
    (vehicle,) = stock(database, [Picture(id=at(2023), name="x", description="a red vehicle")])
    assert find(index, "brig") == ([bright], {"brig": ("bright",)})
    assert find(index, "red car") == ([vehicle], {"car": ("vehicle",)})


def test_a_part_of_a_thing_or_what_is_above_many_is_no_answer(database: Database, index: SearchIndex) -> None:
    texts = ["colour wheel", "a small piece", "a nuthatch in a tree", "a lit tower", "bushes", "a fish"]
    *_, fish = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    for q in ("car", "Auto", "ear", "Zahn", "apple", "bed", "cheese", "Gabel"):
        assert find(index, q) == ([], {}), q
    assert find(index, "salmon") == ([fish], {"salmon": ("fish",)})


def test_compounds_of_a_word_that_some_picture_has_are_named(database: Database, index: SearchIndex) -> None:
    """Not all that looks like a compound is one: no cartoon is a part of "car"."""
    texts = ["red cartoon", "toy car", "rote Blüte", "Blut"]
    cartoon, _, flower, blood = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    assert find(index, "red car") == ([cartoon], {"car": ("cartoon",)})
    assert find(index, "rote Blut") == ([blood, flower], {})


def test_a_page_names_no_words_that_it_does_not_stand_for(database: Database, index: SearchIndex) -> None:
    """Any of the words is enough here, so a beginning of a word stands for nothing."""
    pictures = [
        Picture(id=at(2016), name="x", description="green bushes"),
        Picture(id=at(2017), name="x", description="red car"),
    ]
    _, car = stock(database, pictures)
    query = parse("red bus")
    later = index.find_images(query, PageCursor(Mode.PREFIX, MAX_ID, nothing_found_yet=True).encode())
    for page in (index.find_images(query), later):
        assert image_ids(page.pictures) == [car]
        assert (page.is_relaxed, page.related_words) == (True, {})


def test_what_means_the_same_ranks_before_what_a_picture_of_it_shows(
    database: Database, index: SearchIndex
) -> None:
    texts = ["an autumn ridge", "green leaves", "fallen leaves"]
    autumn, *_ = stock(
        database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)]
    )
    page = index.find_images(parse("Herbst", sort="relevance"))
    assert image_ids(page.pictures)[0] == autumn
