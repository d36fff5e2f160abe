"""What a visitor asks for, as a Query: the terms, phrases and dates that a picture must have.

`query.grammar` describes how the text `q` is written; `search.filters` declares the filters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar

import msgspec
from msgspec import Struct

from stockroom.analysis.stop_words import PICTURE_WORDS, STOP_WORDS
from stockroom.analysis.terms import normalize_tag, tag_term
from stockroom.analysis.tokenizer import tokenize
from stockroom.analysis.tokens import Kind, Token
from stockroom.runtime.errors import BadRequest
from stockroom.runtime.validation import abbreviate
from stockroom.search.filters import CREATOR, parse_filters, query_terms
from stockroom.search.index.id_ranges import ALL_IDS, MAX_ID, IdRange, intersect_ranges
from stockroom.search.query.dates import InvalidDate, parse_date, parse_single_date
from stockroom.search.query.grammar import FILTER_OPERATORS, Item, read_items

T = TypeVar("T")

MAX_QUERY = 1000
"""Characters of `q`."""
MAX_TAGS = 50
MAX_BY_NAMES = 4
"""Names that `by` asks for which are looked up among the contributors, and as many excluded ones. A further
name finds, or excludes, creators alone."""
PREFIX_LETTERS = 3
"""Letters that the last word needs before it may stand for the words that begin with it."""
SORTS = ("newest", "relevance")
TAG_MODES = ("any", "all")
EXPANSIONS = ("related", "completions")


class Phrase(Struct, frozen=True):
    """Stems that must stand next to each other in this order, in one text of a picture.

    `terms` are the index terms that such a picture has at least. A phrase without `stems` is its terms alone.
    """

    stems: tuple[str, ...]
    terms: tuple[str, ...]
    is_description_only: bool = False


class LastWord(Struct, frozen=True):
    """The last plain word of a query, which the visitor may not have finished typing.

    `prefix` is the word as it was typed, folded; `term` is its index term.
    """

    prefix: str
    term: str
    is_stop_word: bool


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a picture must have: all `words`, `phrases` and `filters`, any of `tags`, nothing excluded.

    Terms are spelled as in the index. `id_ranges` are the dates, newest first.
    """

    words: tuple[str, ...] = ()
    """The terms of the plain words."""
    last_word: LastWord | None = None
    """None when there is no plain word, or when the last one is too short or no word to be continued."""
    phrases: tuple[Phrase, ...] = ()
    tags: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    owner_name: str | None = None
    """The folded name of the contributor; None when anybody's pictures are asked for."""
    owner_terms: tuple[str, ...] = ()
    """The terms of the contributors who have that name now, once they have been looked up: any of them."""
    by_names: tuple[str, ...] = ()
    """The names that `by` asks for, of creators or contributors; their terms as creators are in `filters`."""
    excluded_by_names: tuple[str, ...] = ()
    """The names that `-by` excludes; their terms as creators are among those that are excluded."""
    alternatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For a term of `filters` the terms that may match in its place: those of the values of a group, and
    those of the contributors who have the name of `by_names` that gave the term, once they have been looked
    up."""
    excluded_terms: tuple[str, ...] = ()
    excluded_phrases: tuple[Phrase, ...] = ()
    excluded_together: tuple[tuple[str, ...], ...] = ()
    """Terms of which a picture may have some, and not all: those of several words of a filter."""
    id_ranges: tuple[IdRange, ...] = (ALL_IDS,)
    is_expanded: bool = False
    """Whether each of `words` stands for its related words, too, also where some picture has the word."""
    is_completed: bool = False
    """Whether the last word stands for the words that begin with it, too, also where some picture has it."""
    is_ranked: bool = False
    """Whether the best match comes first; False when there is no text that could match better or worse."""
    typed_words: Mapping[str, str] = field(default_factory=dict, compare=False)
    """For each term of `words` the word as it was typed, folded: what a correction replaces in `text`."""
    typed_exclusions: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The same for those of `excluded_terms` that are single words without quotes."""
    text: str = field(default="", compare=False)
    """`q` itself."""

    def terms(self) -> list[str]:
        """Every term that has to be looked up in the index."""
        phrase_terms = (term for phrase in self.phrases for term in phrase.terms)
        together = (term for terms in self.excluded_together for term in terms)
        alternatives = (term for terms in self.alternatives.values() for term in terms)
        filters = (*self.filters, *self.owner_terms, *alternatives, *together)
        return sorted({*self.words, *phrase_terms, *self.tags, *filters, *self.excluded_terms})


class _Conditions(Struct):
    """What has been read of a query so far."""

    words: list[Token] = []
    phrases: list[Phrase] = []
    tags: list[str] = []
    filters: list[str] = []
    by_names: list[str] = []
    excluded_by_names: list[str] = []
    excluded_words: list[Token] = []
    excluded_terms: list[str] = []
    excluded_phrases: list[Phrase] = []
    excluded_together: list[tuple[str, ...]] = []
    id_ranges: list[IdRange] = msgspec.field(default_factory=lambda: [ALL_IDS])


def parse(
    q: str = "",
    *,
    tags: Sequence[str] = (),
    first: str = "",
    last: str = "",
    filters: Mapping[str, str] | None = None,
    sort: str = "",
    tag_mode: str = "",
    expand: str = "",
    today: date | None = None,
) -> Query:
    """`q` and the other parameters as one query; BadRequest names the parameter that is wrong.

    `first` and `last` are the parameters `from` and `to`; `filters` are texts by the name of the filter.
    With the `tag_mode` "all" a picture must have all tags, those of `q` too. With `expand` "related" each
    plain word stands for its related words, too, and with "completions" the last one for the words that begin
    with it. Blank parameters are absent.
    """
    if len(q) > MAX_QUERY:
        detail = f"The query has {len(q)} characters; at most {MAX_QUERY} are searched for."
        raise BadRequest.at("?q", "query-too-long", detail)
    if sort not in ("", *SORTS):
        detail = f"sort is one of {', '.join(SORTS)}, not {sort[:40]!r}."
        raise BadRequest.at("?sort", "invalid-choice", detail)
    if tag_mode not in ("", *TAG_MODES):
        detail = f"tags is one of {', '.join(TAG_MODES)}, not {tag_mode[:40]!r}."
        raise BadRequest.at("?tags", "invalid-choice", detail)
    if expand not in ("", *EXPANSIONS):
        detail = f"expand is one of {', '.join(EXPANSIONS)}, not {expand[:40]!r}."
        raise BadRequest.at("?expand", "invalid-choice", detail)
    today = today or datetime.now(UTC).date()
    conditions = _Conditions()
    for item in read_items(q):
        _add_item(item, conditions, today)
    conditions.tags += _tag_terms([name for text in tags for name in text.split(",")])
    if len(set(conditions.tags)) > MAX_TAGS:
        raise BadRequest.at("?tag", "too-many-tags", f"Ask for at most {MAX_TAGS} tags at once.")
    for parameter, text in (("from", first), ("to", last)):
        if text.strip():
            _add_date(conditions, parameter, text.strip(), today, pointer=f"?{parameter}")
    asked = parse_filters(filters or {})
    conditions.by_names += [asked.by_name] if asked.by_name else []
    # A picture must have every filter.
    tags_as_filters = conditions.tags if tag_mode == "all" else []
    filter_terms = _drop_repeated([*asked.terms, *conditions.filters, *tags_as_filters])
    has_dates = conditions.id_ranges != [ALL_IDS]
    has_filters = bool(filter_terms) or asked.owner_name is not None
    has_only_words = not (conditions.phrases or conditions.tags or has_filters or has_dates)
    words, last_word = _choose_words(conditions.words, keep_stop_words=has_only_words)
    return Query(
        words=words,
        last_word=last_word,
        phrases=_drop_repeated(conditions.phrases),
        tags=() if tag_mode == "all" else _drop_repeated(conditions.tags),
        filters=filter_terms,
        owner_name=asked.owner_name,
        alternatives=asked.alternatives,
        by_names=_drop_repeated(conditions.by_names)[:MAX_BY_NAMES],
        excluded_by_names=_drop_repeated(conditions.excluded_by_names)[:MAX_BY_NAMES],
        excluded_terms=_drop_repeated(conditions.excluded_terms),
        excluded_phrases=_drop_repeated(conditions.excluded_phrases),
        excluded_together=_drop_repeated(conditions.excluded_together),
        id_ranges=tuple(conditions.id_ranges),
        is_expanded=expand == "related",
        is_completed=expand == "completions",
        is_ranked=sort == "relevance" and bool(words or conditions.phrases),
        typed_words=_match_typed_words(conditions.words, words),
        typed_exclusions=_match_typed_words(conditions.excluded_words, conditions.excluded_terms),
        text=q,
    )


def _add_item(item: Item, conditions: _Conditions, today: date) -> None:
    value = item.values[0]
    tags = conditions.excluded_terms if item.is_excluded else conditions.tags
    if item.operator in ("tag", "tags"):
        tags.extend(_tag_terms([value.text for value in item.values]))
    elif item.operator in ("date", "from", "to"):
        place = f"in “{item.operator}:{abbreviate(value.text)}”"
        if item.is_excluded and value.text:
            raise BadRequest.at("?q", "invalid-date", f"Dates cannot be excluded with - ({place}).")
        if value.text:
            _add_date(conditions, item.operator, value.text, today, pointer="?q", place=place)
    elif item.operator in FILTER_OPERATORS:
        if value.text.strip():
            _add_filter(item, conditions, value.text.strip())
    elif not (value.is_quoted or item.operator) and value.text.startswith("#"):
        # "#sea,#sun" and "#sea#sun" are two tags, "#c++" is one. A lone # is the beginning of a tag being
        # typed.
        tags.extend(_tag_terms(value.text.replace(",", "#").rstrip(".;:!?)").split("#")))
    else:
        _add_text(item, conditions, value.text, as_phrase=value.is_quoted or bool(item.operator))


def _add_filter(item: Item, conditions: _Conditions, text: str) -> None:
    try:
        terms = query_terms(item.operator, text)
    except BadRequest as error:
        # The filter names its parameter; here the text is a part of `q`.
        place = f"in “{item.operator}:{abbreviate(text)}”"
        detail = f"{error.detail.removesuffix('.')} ({place})."
        raise BadRequest.at("?q", error.errors[0].code, detail) from None
    if item.operator == CREATOR.name:
        (conditions.excluded_by_names if item.is_excluded else conditions.by_names).append(text)
    if not item.is_excluded:
        conditions.filters += terms
    elif len(terms) == 1:
        conditions.excluded_terms += terms
    else:
        conditions.excluded_together.append(terms)


def _add_text(item: Item, conditions: _Conditions, text: str, *, as_phrase: bool) -> None:
    tokens = tokenize(text)
    is_description_only = item.operator == "desc"
    phrases = conditions.excluded_phrases if item.is_excluded else conditions.phrases
    has_order = len(tokens) > 1 or (bool(tokens) and len(tokens[0].parts) > 1)
    if as_phrase and tokens and (is_description_only or has_order):
        phrases.append(_build_phrase(tokens, is_description_only))
        return
    for token in tokens:
        terms = token.query_terms()
        if item.is_excluded and len(terms) == 1:
            conditions.excluded_terms.append(terms[0])
            conditions.excluded_words += [] if as_phrase else [token]
        elif item.is_excluded:
            phrases.append(_build_phrase([token], is_description_only))
        elif as_phrase:
            phrases.append(Phrase(stems=(), terms=(_single_term(token),)))
        elif token.kind is Kind.UNSPACED and len(terms) > 1:
            # A run without spaces is several words, whose characters must stand together.
            phrases.append(_build_phrase([token], is_description_only))
        else:
            conditions.words.append(token)


def _tag_terms(names: Sequence[str]) -> list[str]:
    return [tag_term(tag) for name in names if (tag := normalize_tag(name))]


def _single_term(token: Token) -> str:
    """The one term of a token that is a single word."""
    return token.query_terms()[0]


def _build_phrase(tokens: list[Token], is_description_only: bool) -> Phrase:
    stems = tuple(stem for token in tokens for stem in token.phrase_stems())
    terms: dict[str, None] = {}
    for token in tokens:
        terms |= dict.fromkeys(token.query_terms() if token.kind is Kind.UNSPACED else token.phrase_stems())
    return Phrase(stems, tuple(terms), is_description_only)


def _choose_words(
    tokens: Sequence[Token], *, keep_stop_words: bool
) -> tuple[tuple[str, ...], LastWord | None]:
    """The terms of the plain words, and the last word if it may be unfinished.

    Stop words are dropped, and so is "photos of" at the beginning, unless the plain words are nothing else
    and `keep_stop_words` is set.
    """
    chosen: Sequence[Token] = _drop_stop_words(tokens[2:] if _asks_for_pictures(tokens) else tokens)
    if not chosen and keep_stop_words:
        chosen = _drop_stop_words(tokens) or tokens
    terms = _drop_repeated([term for token in chosen for term in token.query_terms()])
    last = tokens[-1] if tokens else None
    if last is None or last not in chosen or last.kind is not Kind.WORD or len(last.whole) < PREFIX_LETTERS:
        return terms, None
    return terms, LastWord(last.whole, _single_term(last), last.whole in STOP_WORDS)


def _drop_stop_words(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.whole not in STOP_WORDS]


def _asks_for_pictures(tokens: Sequence[Token]) -> bool:
    """Whether the words begin with "photos of" or "Bilder von". An "old photo of" may be an old print."""
    return len(tokens) > 1 and tokens[0].whole in PICTURE_WORDS and tokens[1].whole in ("of", "von", "vom")


def _match_typed_words(tokens: Sequence[Token], terms: Sequence[str]) -> dict[str, str]:
    """The word that was typed for each of `terms`; those of scripts without spaces have none."""
    typed: dict[str, str] = {}
    for token in tokens:
        if token.kind is Kind.HYPHENATED:
            typed.update(zip(token.phrase_stems(), token.parts, strict=True))
        elif token.kind is not Kind.UNSPACED:
            typed[_single_term(token)] = token.whole
    return {term: typed[term] for term in terms if term in typed}


def _add_date(
    conditions: _Conditions, operator: str, text: str, today: date, *, pointer: str, place: str = ""
) -> None:
    try:
        if operator == "date":
            id_ranges = parse_date(text, today)
        elif operator == "from":
            id_ranges = [(parse_single_date(text, today)[0], MAX_ID)]
        else:
            id_ranges = [(0, parse_single_date(text, today)[1])]
    except InvalidDate as error:
        detail = f"{error} ({place})." if place else f"{error}."
        raise BadRequest.at(pointer, "invalid-date", detail) from None
    conditions.id_ranges = intersect_ranges(conditions.id_ranges, id_ranges)


def _drop_repeated(values: Sequence[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
