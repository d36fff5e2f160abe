"""Licences that a picture can carry: SPDX identifiers, or all rights reserved."""

import re

LICENSES = (
    "all-rights-reserved",
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-3.0",
    "CC-BY-SA-3.0",
    "PDDL-1.0",
)

_ADDRESS = re.compile(
    r"https?://(?:www\.)?(?:creativecommons\.org/(?:licenses/(?P<kind>[a-z-]+)/(?P<version>[\d.]+)|"
    r"(?P<zero>publicdomain/zero/1\.0))|opendatacommons\.org/licenses/(?P<pddl>pddl)(?:/1[.-]0)?)"
    r"(?:/?|/(?:deed|legalcode)(?:\.[A-Za-z_-]+)?)",
    re.ASCII | re.IGNORECASE,
)


def find_license(address: str) -> str:
    """The licence in LICENSES that can be read at this address; empty for any other address.

    A licence that was ported to a country ("by/3.0/de/") is another one.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return ""
    if match["zero"] or match["pddl"]:
        return "CC0-1.0" if match["zero"] else "PDDL-1.0"
    license_ = f"CC-{match['kind'].upper()}-{match['version']}"
    return license_ if license_ in LICENSES else ""
