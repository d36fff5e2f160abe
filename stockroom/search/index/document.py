"""A picture as the index sees it: its terms with their weights, and the surface forms of the terms."""

from msgspec import Struct

from stockroom.analysis.terms import tag_term
from stockroom.analysis.tokenizer import tokenize
from stockroom.images.titles import is_file_name
from stockroom.search.filters import IndexedPicture, find_filter_terms
from stockroom.search.index.surface_forms import encode_name_word, encode_tag

ALL_PICTURES = "*"
"""The term that every picture has: it serves the front page and searches by date alone."""

# The parameters of BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).
SATURATION = 1.2
"""k1: how soon further mentions of a word stop adding weight."""
LENGTH_NORMALIZATION = 0.75
"""b: how much a long text lowers the weights of its words."""
TYPICAL_LENGTH = 16
"""The boosted number of words of a picture's texts together, in place of avgdl."""
NAME_BOOST = 1.5
TAG_BOOST = 2.0
"""How many mentions in the description one mention in the name, the title or a tag counts as."""
MAX_WEIGHT = 255
_PUNCTUATION = ".,;:!?()\"'“”„‘’–—-"  # noqa: RUF001


class Document(Struct, frozen=True, kw_only=True):
    """What a picture is found by. `tags` are the explicit tags and the hashtags together.

    `title` is the one that the file has; the file's name is `name`.
    """

    name: str
    description: str
    tags: tuple[str, ...] = ()
    title: str = ""
    creator: str = ""
    place: str = ""
    filter_terms: tuple[str, ...] = ()

    def term_weights(self) -> dict[str, int]:
        """Every term of the picture with its weight, 0 to MAX_WEIGHT.

        The weight of a word is the part of BM25 that depends on the picture, scaled to a byte:

            weight = 255 · count / (count + k1 · (1 - b + b · length / TYPICAL_LENGTH))

        `count` and `length` are boosted mentions. The other part of BM25, the idf of the term, is multiplied
        in when a query is ranked. The terms of filters and of all pictures have the weight 0.
        """
        counts: dict[str, float] = {}
        length = 0.0
        for text, boost in self._texts():
            for token in tokenize(text):
                length += boost
                for term in set(token.index_terms()):
                    counts[term] = counts.get(term, 0) + boost
        damping = SATURATION * (1 - LENGTH_NORMALIZATION + LENGTH_NORMALIZATION * length / TYPICAL_LENGTH)
        weights = {term: _scale(count, damping) for term, count in counts.items()}
        for tag in self.tags:
            weights[tag_term(tag)] = _scale(TAG_BOOST, damping)
        return weights | dict.fromkeys((ALL_PICTURES, *self.filter_terms), 0)

    def terms(self) -> list[str]:
        """Every term of the picture, sorted, each once."""
        return sorted(self.term_weights())

    def surface_forms(self) -> list[tuple[bytes, str]]:
        """(surface form, term) pairs, sorted, each once: of words, and of tags as they are shown.

        Words that only the file's name has are apart, as cameras and programs have made most of them. A name
        of several words that is no file's is a title, whose words of letters alone are like all others.
        """
        name, *others = (text for text, _ in self._texts())
        pairs = set(_list_forms(*others, *_list_title_words(name)))
        pairs.update(
            (encode_name_word(surface), term)
            for surface, term in _list_forms(name)
            if (surface, term) not in pairs
        )
        pairs.update((encode_tag(tag), tag_term(tag)) for tag in self.tags)
        return sorted(pairs)

    def _texts(self) -> list[tuple[str, float]]:
        """Each text of the picture with the boost of its mentions; the file's name comes first."""
        return [
            (self.name, NAME_BOOST),
            (self.title, NAME_BOOST),
            (self.description, 1.0),
            (self.creator, 1.0),
            (self.place, 1.0),
            *((tag, TAG_BOOST) for tag in self.tags),
        ]


def build_document(picture: IndexedPicture) -> Document:
    """A picture as the index sees it; the one place that decides what a picture is found by."""
    metadata = picture.metadata
    return Document(
        name=metadata.name,
        description=metadata.description,
        tags=metadata.all_tags,
        title=picture.title,
        creator=metadata.creator,
        place=metadata.place,
        filter_terms=tuple(find_filter_terms(picture)),
    )


def _list_title_words(name: str) -> list[str]:
    words = [] if is_file_name(name) else [word.strip(_PUNCTUATION) for word in name.split()]
    return [word for word in words if word.isalpha()] if len(words) > 1 else []


def _list_forms(*texts: str) -> list[tuple[bytes, str]]:
    return [pair for text in texts for token in tokenize(text) for pair in token.surface_forms()]


def _scale(count: float, damping: float) -> int:
    return max(round(MAX_WEIGHT * count / (count + damping)), 1)
