"""The head of the page of a contributor's pictures: what others show of a link to it."""

from stockroom.api.sharing.escaping import escape, make_line
from stockroom.api.sharing.picture_head import OF_PAGE, SITE_NAME
from stockroom.api.sharing.shared_picture import MAX_NAME
from stockroom.api.sharing.site import Site
from stockroom.search.suggest.contributors import Contributor


def write_contributor_head(contributor: Contributor, site: Site) -> str:
    """The elements that the head of a contributor's page has more than that of any other page."""
    name = escape(make_line(contributor.name, MAX_NAME))
    page = escape(site.locate(f"/by/{contributor.owner_id}"))
    return "\n".join(
        (
            f"<title>{name} · {SITE_NAME}</title>",
            f'<meta name="description" content="Pictures by {name}" {OF_PAGE} />',
            f'<meta property="og:site_name" content="{SITE_NAME}" {OF_PAGE} />',
            f'<meta property="og:type" content="website" {OF_PAGE} />',
            f'<meta property="og:title" content="{name}" {OF_PAGE} />',
            f'<meta property="og:url" content="{page}" {OF_PAGE} />',
            f'<link rel="canonical" href="{page}" {OF_PAGE} />',
        )
    )
