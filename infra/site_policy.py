"""What a browser may do on behalf of the site's page: the same for every page, whoever has made its HTML."""

from collections.abc import Collection
from urllib.parse import urlsplit

# A page that opens this one, or is opened by it, gets no hold of its window.
OPENER_POLICY = "same-origin"

# Of the one script that stands in the page itself (frontend/index.html), to run a round trip earlier.
INLINE_SCRIPT = "sha256-RIrqG7My5rigtnmb1LX7LoxFs1lO83woLEDMN13Q9jU="


def make_site_policy(uploads_origin: str, issuers: Collection[str]) -> str:
    """The Content-Security-Policy of the page.

    `uploads_origin` is the origin to which the page sends uploads, and `issuers` are the OpenID providers at
    which it has people signed in.
    """
    providers = sorted({"{0.scheme}://{0.netloc}".format(urlsplit(issuer)) for issuer in issuers})
    policy = {
        "default-src": "'none'",
        "script-src": f"'self' 'wasm-unsafe-eval' '{INLINE_SCRIPT}'",  # hashing is WebAssembly
        "worker-src": "'self'",
        "style-src": "'self'",
        "style-src-attr": "'unsafe-inline'",  # the size and colour of placeholders
        "img-src": "'self' blob: data:",  # thumbnails before the upload; thumbhashes
        "font-src": "'self'",
        "manifest-src": "'self'",
        "connect-src": " ".join(("'self'", uploads_origin, *providers)),
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())
