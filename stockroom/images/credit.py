"""Who is named beside a picture: the rule of the page's credit line, for everything that names somebody.

The page has the same rule in frontend/src/pictures/author.ts, with the examples of
frontend/tests/pictures/author-examples.json.
"""

from stockroom.images.picture import Picture


def name_author(picture: Picture) -> str:
    """Whom a credit line names: the credit, else the creator, else the contributor by their public name."""
    return picture.metadata.credit or name_creator(picture)


def name_creator(picture: Picture) -> str:
    """Who has made the picture: its creator, or its contributor where neither creator nor credit is given.

    Empty where a credit alone is given: the contributor of a picture that credits somebody else has hardly
    made it.
    """
    metadata = picture.metadata
    return metadata.creator or ("" if metadata.credit else picture.owner_name)
