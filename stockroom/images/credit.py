"""Who is named beside a picture: the rule of the page's credit line, for everything that names somebody.

The page has the same rule in frontend/src/pictures/author.ts, with the examples of
frontend/tests/pictures/author-examples.json.
"""

from stockroom.images.contributor_names import looks_like_pseudonym
from stockroom.images.picture import Picture


def find_credit_name(picture: Picture) -> str:
    """The name in the credit line: the credit, else the creator, else the contributor's public name."""
    return picture.metadata.credit or picture.metadata.creator or picture.owner_name


def find_creator_name(picture: Picture) -> str:
    """The name of whoever made the picture: its creator, or its contributor where nobody at all is named.

    Empty where only a credit or a copyright is given: the contributor of a picture that names somebody else
    so has hardly made it. Nor has a pseudonym made anything.
    """
    metadata = picture.metadata
    is_others = metadata.credit or metadata.copyright or looks_like_pseudonym(picture.owner_name)
    return metadata.creator or ("" if is_others else picture.owner_name)
