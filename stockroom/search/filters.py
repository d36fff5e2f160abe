"""The filters of a search, each declared once in FILTERS.

An entry of FILTERS says what a filter is called, which values a picture has of it, and which value a visitor
may ask for. Everything else follows from the entry: the index terms of a picture (`index.document`), the
parameter of a query (`query.parse`), the check of candidates (`execution.post_filter`) and the query
parameter of the HTTP API.

A filter is always terms, never a comparison of columns, so that every filter costs the same and can drive a
search. A threshold has a fixed set of steps, and a picture has a term for each step that it reaches, or, for
a filter that says "at most", for each step that it does not exceed. No filter is a threshold yet; a threshold
of the number of pixels would be:

    _MEGAPIXELS = ("1", "6", "24")

    Filter(
        name="megapixels",
        description="Least size of the picture in millions of pixels",
        choices=_MEGAPIXELS,
        values_of=lambda picture: [
            step for step in _MEGAPIXELS if picture.width * picture.height >= int(step) * 1_000_000
        ],
    )

A picture gets the terms of a new filter when it is indexed: pictures that are ready already need indexing
anew.

The contributor is indexed by the id of the owner, which never changes, and asked for by name. A name is no
term: `execution.names.look_up_names` finds out which owners have the name now. The filter `by` finds the
words of the creator's name as terms, and also the pictures of the contributors whose names have these words,
whom `look_up_names` finds, too.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from msgspec import Struct

from stockroom.analysis import colors
from stockroom.analysis.folding import fold
from stockroom.analysis.terms import truncate_term
from stockroom.analysis.tokenizer import tokenize
from stockroom.images.contributor_names import fold_name
from stockroom.images.picture import Metadata, orientation
from stockroom.runtime.errors import BadRequest
from stockroom.runtime.licenses import LICENSES, REDISTRIBUTABLE
from stockroom.search.query.dates import InvalidDate, split_date


class IndexedPicture(Protocol):
    """What the index knows about a picture: its metadata, its sides in pixels, `#rrggbb`, its owner's id.

    `title`, `camera` and `taken` are what its file says.
    """

    @property
    def metadata(self) -> Metadata: ...
    @property
    def title(self) -> str: ...
    @property
    def camera(self) -> str: ...
    @property
    def taken(self) -> datetime | None: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def color(self) -> str: ...
    @property
    def owner_id(self) -> int: ...


class PictureToIndex(Struct, frozen=True, kw_only=True):
    """An IndexedPicture that is not published yet: what its row and its file say."""

    metadata: Metadata
    title: str = ""
    camera: str = ""
    taken: datetime | None = None
    width: int
    height: int
    color: str
    owner_id: int


class Group(NamedTuple):
    """A choice of a filter that is no value of a picture: any one of `values` is enough."""

    name: str
    values: tuple[str, ...]


class Filter(Struct, frozen=True, kw_only=True):
    """One filter: the parameter `name` of a search, and the index terms `name:value` of pictures."""

    name: str
    description: str
    values_of: Callable[[IndexedPicture], Iterable[str]]
    """The values that a picture has; an empty value counts as none."""
    choices: tuple[str, ...] = ()
    """What a visitor may ask for: values, and names of `groups`; empty when any text is a value."""
    groups: tuple[Group, ...] = ()
    normalize: Callable[[str], str] = str
    """The value that a visitor means by a text: one of the choices, if there are any and it is valid."""
    split: Callable[[str], Iterable[str]] | None = None
    """For a text of which a visitor may ask for some words: the values that a picture must have for them."""
    is_enumerated: bool = True
    """Whether the OpenAPI document lists the choices, as far as there are any. The page's types are generated
    from the document, so the page then has to offer exactly these values. False where the page takes the
    choices from elsewhere, and where a choice has a second name, as gray has grey: the document would
    forbid it."""
    describes_subject: bool = False
    """Whether pictures with the same value look alike, so that the value counts for similar pictures."""

    def picture_terms(self, picture: IndexedPicture) -> list[str]:
        """The index terms of a picture."""
        return [self._term(value) for value in self.values_of(picture) if value]

    def query_terms(self, text: str) -> tuple[str, ...]:
        """The terms that a picture must have, all of them; BadRequest for what is not one of the choices."""
        if self.split is None:
            return (self.query_term(text),)
        # A text without a word is a word that no picture has.
        return tuple(dict.fromkeys(map(self._term, self.split(text)))) or (self._term(fold(text)),)

    def query_term(self, text: str) -> str:
        """The term that a picture must have; BadRequest at `?name` for what is not one of the choices."""
        value = self.normalize(text)
        if self.choices and value not in self.choices:
            detail = f"{self.name} is one of {', '.join(self.choices)}, not {text[:40]!r}."
            raise BadRequest.at(f"?{self.name}", "invalid-choice", detail)
        return self._term(value)

    def group_terms(self, term: str) -> tuple[str, ...]:
        """The terms of which any one is enough, for the term of a group; none for any other term."""
        return tuple(
            self._term(value) for name, values in self.groups for value in values if self._term(name) == term
        )

    def _term(self, value: str) -> str:
        # A colon never occurs in the term of a word, and the term of a tag begins with #.
        return truncate_term(f"{self.name}:{value}")


def _normalize_color(text: str) -> str:
    return "gray" if text.lower() == "grey" else text.lower()


FREE = "free"
"""The choice of `license` that stands for every licence under which everybody may use a picture."""
_LICENSES_BY_LOWER_CASE = {name.lower(): name for name in (FREE, *LICENSES)}


def _normalize_license(text: str) -> str:
    return _LICENSES_BY_LOWER_CASE.get(text.lower(), text)


def _list_words(text: str) -> list[str]:
    """The values of a text that is asked for by words."""
    return sorted({term for token in tokenize(text) for term in token.index_terms()})


def _list_words_of_query(text: str) -> list[str]:
    return [term for token in tokenize(text) for term in token.query_terms()]


def _list_days(moment: datetime | None) -> list[str]:
    """The year, the month and the day of a moment, as `_normalize_day` spells them."""
    return [] if moment is None else [f"{moment:%Y}", f"{moment:%Y-%m}", f"{moment:%Y-%m-%d}"]


def _normalize_day(text: str) -> str:
    """A day, month or year in any form of `query.dates`, such as 5-2016, as YYYY, YYYY-MM or YYYY-MM-DD."""
    try:
        day, month, year = split_date(text)
        if "*" in text or not year.isdigit():
            raise InvalidDate(f"{text[:40]} needs to be one date, without *")
        date(int(year), int(month) if month != "*" else 1, int(day) if day != "*" else 1)
    except InvalidDate as error:
        raise BadRequest.at("?taken", "invalid-date", f"{error}.") from None
    except ValueError:
        raise BadRequest.at("?taken", "invalid-date", f"There is no such day as {text}.") from None
    return "-".join([f"{int(year):04}", *(f"{int(part):02}" for part in (month, day) if part != "*")])


_OWNER_ID = re.compile("id:[0-9]{1,10}")


def owner_term(owner_id: int) -> str:
    """The index term of an owner's pictures."""
    return OWNER.query_term(f"id:{owner_id}")


OWNER = Filter(
    name="owner",
    description="Name of the contributor; id: and an `owner_id` for exactly one of several namesakes",
    normalize=lambda text: str(int(text.removeprefix("id:"))),
    values_of=lambda picture: [str(picture.owner_id)],
)
CREATOR = Filter(
    name="by",
    description="Words of the creator's name, or of the contributor's",
    split=_list_words_of_query,
    values_of=lambda picture: _list_words(picture.metadata.creator),
)


FILTERS = (
    Filter(
        name="orientation",
        description="Shape of the picture",
        choices=("landscape", "portrait", "square"),
        normalize=str.lower,
        values_of=lambda picture: [orientation(picture.width, picture.height)],
        describes_subject=True,
    ),
    Filter(
        name="color",
        description="Named colour of the picture",
        choices=tuple(colors.PALETTE),
        is_enumerated=False,
        normalize=_normalize_color,
        values_of=lambda picture: [colors.name_color(picture.color)],
        describes_subject=True,
    ),
    Filter(
        name="license",
        description="SPDX identifier, all-rights-reserved, or free: any licence that lets everybody use the "
        "picture",
        choices=(FREE, *LICENSES),
        groups=(Group(FREE, tuple(each for each in LICENSES if each in REDISTRIBUTABLE)),),
        is_enumerated=False,
        normalize=_normalize_license,
        values_of=lambda picture: [picture.metadata.license],
    ),
    OWNER,
    CREATOR,
    Filter(
        name="camera",
        description="Words of the camera's name",
        split=_list_words_of_query,
        values_of=lambda picture: _list_words(picture.camera),
    ),
    Filter(
        name="place",
        description="Words of the place",
        split=_list_words_of_query,
        values_of=lambda picture: _list_words(picture.metadata.place),
    ),
    Filter(
        name="taken",
        description="Day, month or year in which the picture was taken: 2016-05-20, 2016-05, 2016",
        normalize=_normalize_day,
        values_of=lambda picture: _list_days(picture.taken),
    ),
)


def find_filter_terms(picture: IndexedPicture) -> list[str]:
    """The terms of a picture for all filters."""
    return [term for each in FILTERS for term in each.picture_terms(picture)]


class FilterConditions(NamedTuple):
    """What the filters of a search ask for: all of `terms`, and a contributor of this name unless None.

    `by_name` is the name that the filter `by` asks for, "" for none. Its terms are among `terms`. So are the
    terms of groups, which no picture has: `alternatives` are the terms that may match in the place of each.
    """

    terms: tuple[str, ...]
    owner_name: str | None
    by_name: str = ""
    alternatives: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def parse_filters(texts: Mapping[str, str]) -> FilterConditions:
    """What a picture must have, from the text that was given for each filter by name.

    A blank text counts as absent. BadRequest names the first value that is none of its filter's choices.
    """
    unknown = texts.keys() - {each.name for each in FILTERS}
    if unknown:
        raise ValueError(f"no such filters: {', '.join(sorted(unknown))}")
    given = {each: text for each in FILTERS if (text := texts.get(each.name, "").strip())}
    owner_name = None
    if OWNER in given and not _OWNER_ID.fullmatch(given[OWNER]):
        owner_name = fold_name(given.pop(OWNER))
    pairs = [(each, term) for each, text in given.items() for term in each.query_terms(text)]
    return FilterConditions(
        terms=tuple(term for _, term in pairs),
        owner_name=owner_name,
        by_name=given.get(CREATOR, ""),
        alternatives={term: group for each, term in pairs if (group := each.group_terms(term))},
    )


def query_terms(name: str, text: str) -> tuple[str, ...]:
    """The terms of one filter by its name."""
    return next(each for each in FILTERS if each.name == name).query_terms(text)
