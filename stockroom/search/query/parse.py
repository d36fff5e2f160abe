"""From what a visitor asks to what a picture must have; `grammar` says how `q` is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar

from stockroom.analysis import colors as palette
from stockroom.analysis.stop_words import STOP_WORDS
from stockroom.analysis.tokens import Kind, Token, tag, tag_term, tokens
from stockroom.runtime.errors import BadRequest, Code
from stockroom.runtime.licenses import LICENSES
from stockroom.search.index.document import filter_term, owner_term
from stockroom.search.query import dates
from stockroom.search.query.grammar import Item, items

T = TypeVar("T")

MAX_QUERY = 1000
"""Characters of `q`."""
MAX_TAGS = 50
PREFIX_LETTERS = 3
SORTS = ("newest", "relevance")
ORIENTATIONS = ("landscape", "portrait", "square")


@dataclass(frozen=True)
class Phrase:
    """Roots in order; `terms` are the index's, which a picture needs at least."""

    sequence: tuple[str, ...]
    terms: tuple[str, ...]
    description_only: bool = False


@dataclass(frozen=True)
class LastWord:
    """The last plain word, which may be unfinished: as typed (folded), and its term."""

    typed: str
    term: str
    stop: bool


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a picture must have. Terms are spelled as in the index; `ranges` are newest first."""

    words: tuple[str, ...] = ()
    last: LastWord | None = None
    phrases: tuple[Phrase, ...] = ()
    tags: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    excluded_phrases: tuple[Phrase, ...] = ()
    ranges: tuple[dates.Range, ...] = (dates.ALWAYS,)
    ranked: bool = False
    """Best match first; only where there is something to match better or worse."""
    typed: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The plain words as they were typed (folded), by their terms: what a correction replaces."""
    text: str = field(default="", compare=False)
    """`q` itself."""

    def terms(self) -> list[str]:
        """Every term that has to be looked up."""
        phrased = (term for phrase in self.phrases for term in phrase.terms)
        return sorted({*self.words, *phrased, *self.tags, *self.filters, *self.excluded})


@dataclass
class _Wishes:
    """What has been read so far."""

    words: list[Token] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    excluded_phrases: list[Phrase] = field(default_factory=list)
    ranges: list[dates.Range] = field(default_factory=lambda: [dates.ALWAYS])


def parse(
    q: str = "",
    *,
    tags: Sequence[str] = (),
    first: str = "",
    last: str = "",
    orientation: str = "",
    color: str = "",
    license_: str = "",
    owner: str = "",
    sort: str = "",
    today: date | None = None,
) -> Query:
    """`q` and the parameters as one query; BadRequest names the place of what is wrong.

    `first` and `last` are the parameters `from` and `to`; empty parameters count as absent.
    """
    if len(q) > MAX_QUERY:
        detail = f"The query has {len(q)} characters; at most {MAX_QUERY} are searched for."
        raise BadRequest.at("?q", "query-too-long", detail)
    if sort not in ("", *SORTS):
        detail = f"sort is one of {', '.join(SORTS)}, not {sort[:40]!r}."
        raise BadRequest.at("?sort", "invalid-sort", detail)
    now = today or datetime.now(UTC).date()
    wishes = _Wishes()
    for item in items(q):
        _read(item, wishes, now)
    wishes.tags += _tag_terms([name for given in tags for name in given.split(",")])
    if len(set(wishes.tags)) > MAX_TAGS:
        raise BadRequest.at("?tag", "too-many-tags", f"Ask for at most {MAX_TAGS} tags at once.")
    for pointer, operator, text in (("?from", "from", first), ("?to", "to", last)):
        if text.strip():
            _limit_dates(wishes, operator, text.strip(), now, pointer)
    filters = _filters(orientation.strip(), color.strip(), license_.strip(), owner.strip())
    limited = wishes.ranges != [dates.ALWAYS]
    words, final = _words(wishes, alone=not (wishes.phrases or wishes.tags or filters or limited))
    return Query(
        words=words,
        last=final,
        phrases=_unique(wishes.phrases),
        tags=_unique(wishes.tags),
        filters=filters,
        excluded=_unique(wishes.excluded),
        excluded_phrases=_unique(wishes.excluded_phrases),
        ranges=tuple(wishes.ranges),
        ranked=sort == "relevance" and bool(words or wishes.phrases),
        typed=_typed(wishes.words, words),
        text=q,
    )


def _read(item: Item, wishes: _Wishes, today: date) -> None:
    value, quoted = item.values[0]
    if item.operator in ("tag", "tags"):
        names = _tag_terms([name for name, _ in item.values])
        (wishes.excluded if item.excluded else wishes.tags).extend(names)
    elif item.operator in ("date", "from", "to"):
        pointer = f"?q, character {item.at + 1}"
        if item.excluded and value:
            raise BadRequest.at(
                "?q", "invalid-date", f"Dates cannot be excluded with - (character {item.at + 1})."
            )
        if value:
            _limit_dates(wishes, item.operator, value, today, pointer)
    elif not (quoted or item.operator) and value.startswith("#"):
        # "#sea,#sun" and "#sea#sun" are two tags, "#c++" is one; the hash alone is being typed.
        names = _tag_terms(value.replace(",", "#").rstrip(".;:!?)").split("#"))
        (wishes.excluded if item.excluded else wishes.tags).extend(names)
    else:
        _read_text(item, wishes, value, as_phrase=quoted or bool(item.operator))


def _read_text(item: Item, wishes: _Wishes, text: str, *, as_phrase: bool) -> None:
    found = tokens(text)
    only = item.operator == "desc"
    if as_phrase and found and (only or len(found) > 1 or len(found[0].parts) > 1):
        (wishes.excluded_phrases if item.excluded else wishes.phrases).append(_phrase(found, only))
        return
    for token in found:
        terms = token.query_terms()
        if item.excluded and len(terms) == 1:
            wishes.excluded.append(terms[0])
        elif item.excluded:
            wishes.excluded_phrases.append(_phrase([token], only))
        elif as_phrase:
            wishes.phrases.append(Phrase((), (_root(token),)))
        elif token.kind is Kind.UNSPACED and len(terms) > 1:
            # A run without spaces is several words: its characters must stand together.
            wishes.phrases.append(_phrase([token], only))
        else:
            wishes.words.append(token)


def _tag_terms(names: Sequence[str]) -> list[str]:
    return [tag_term(tag(name)) for name in names if tag(name)]


def _root(token: Token) -> str:
    """The one term of a token that is a single word."""
    return token.query_terms()[0]


def _phrase(found: list[Token], description_only: bool) -> Phrase:
    sequence = tuple(part for token in found for part in token.sequence())
    terms: dict[str, None] = {}
    for token in found:
        terms |= dict.fromkeys(token.query_terms() if token.kind is Kind.UNSPACED else token.sequence())
    return Phrase(sequence, tuple(terms), description_only)


def _words(wishes: _Wishes, *, alone: bool) -> tuple[tuple[str, ...], LastWord | None]:
    """The terms of the plain words, and the last of them. Stop words stay only where nothing else is."""
    found = wishes.words
    telling = [token for token in found if token.whole not in STOP_WORDS]
    kept = telling if telling or not alone else found
    terms = _unique([term for token in kept for term in token.query_terms()])
    final = found[-1] if found else None
    if final is None or final not in kept or final.kind is not Kind.WORD or len(final.whole) < PREFIX_LETTERS:
        return terms, None
    return terms, LastWord(final.whole, _root(final), final.whole in STOP_WORDS)


def _typed(found: Sequence[Token], terms: Sequence[str]) -> dict[str, str]:
    spelled: dict[str, str] = {}
    for token in found:
        if token.kind is Kind.HYPHENATED:
            spelled.update(zip(token.sequence(), token.parts, strict=True))
        elif token.kind is not Kind.UNSPACED:
            spelled[_root(token)] = token.whole
    return {term: spelled[term] for term in terms if term in spelled}


def _limit_dates(wishes: _Wishes, operator: str, text: str, today: date, pointer: str) -> None:
    place, _, where = pointer.partition(", ")
    try:
        if operator == "date":
            limit = dates.ranges(text, today)
        elif operator == "from":
            limit = [(dates.one_range(text, today)[0], dates.MAX_ID)]
        else:
            limit = [(0, dates.one_range(text, today)[1])]
    except dates.InvalidDate as error:
        detail = f"{error} ({where})." if where else f"{error}."
        raise BadRequest.at(place, "invalid-date", detail) from None
    wishes.ranges = dates.intersection(wishes.ranges, limit)


def _filters(orientation: str, color: str, license_: str, owner: str) -> tuple[str, ...]:
    found = []
    if orientation:
        found.append(_choice("orientation", "invalid-orientation", orientation.lower(), ORIENTATIONS))
    if color:
        named = "gray" if color.lower() == "grey" else color.lower()
        found.append(_choice("color", "invalid-color", named, tuple(palette.PALETTE)))
    if license_:
        known = {name.lower(): name for name in LICENSES}
        found.append(_choice("license", "invalid-license", known.get(license_.lower(), license_), LICENSES))
    if owner:
        found.append(owner_term(owner))
    return tuple(found)


def _choice(parameter: str, code: Code, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        detail = f"{parameter} is one of {', '.join(choices)}, not {value[:40]!r}."
        raise BadRequest.at(f"?{parameter}", code, detail)
    return filter_term(parameter, value)


def _unique(values: Sequence[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
