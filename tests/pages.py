"""The published page, as a build of frontend/index.html."""

import boto3

from stockroom.images.storage import PAGE_KEY
from stockroom.runtime.settings import Settings

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="description" content="Find pictures." />
    <title>Stockroom</title>
    <script id="page-script" type="module" crossorigin src="/assets/index-1a2b.js"></script>
  </head>
  <body>
    <div id="app"></div>
    <div id="first-picture" hidden></div>
  </body>
</html>
"""


def publish_page(settings: Settings, page: str = PAGE) -> None:
    """Put the page where `make deploy` does."""
    boto3.client("s3").put_object(Bucket=settings.site_bucket, Key=PAGE_KEY, Body=page.encode())
