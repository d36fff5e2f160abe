"""A picture as it stands in its page before any script is there.

On a slow line the scripts that show the picture take as long as the picture itself. The script of the
picture's page takes this element away once it shows the picture in the same place
(frontend/src/routes/PicturePage.svelte).
"""

from stockroom.api.sharing.escaping import escape
from stockroom.api.sharing.picture_head import OF_PAGE
from stockroom.api.sharing.shared_picture import make_shared_picture
from stockroom.api.sharing.site import Site
from stockroom.images.picture import Picture
from stockroom.images.storage import rendition_key
from stockroom.renditions.outputs import AVIF, JPEG, WEBP


def write_picture_body(picture: Picture, site: Site) -> str:
    """The picture at 720p, in the best format that there is of it and that the browser has."""
    shared = make_shared_picture(picture, site)
    size = shared.renditions["720p"].size

    def locate(format_: str) -> str:
        key = rendition_key(picture.image_id, picture.link_key, picture.version, "720p", format_)
        return f"/{escape(key)}"

    sources = "".join(
        f'<source type="{each.media_type}" srcset="{locate(each.name)}" />'
        for each in (AVIF, WEBP)
        if each.name in picture.formats
    )
    image = f'<img src="{locate(JPEG.name)}" alt="{escape(shared.alt)}" fetchpriority="high" />'
    style = f"--width: {size.width}; --height: {size.height}"
    return (
        f'<div class="picture-stage first-picture" {OF_PAGE}>'
        f'<div class="picture-frame" style="{style}"><picture>{sources}{image}</picture></div></div>'
    )
