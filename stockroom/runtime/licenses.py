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

PUBLIC_DOMAIN = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
}
"""The licences that give up all rights, and where each can be read."""


def license_address(license_: str) -> str | None:
    """Where a licence can be read; None for a picture whose rights are all reserved."""
    if license_ in PUBLIC_DOMAIN:
        return PUBLIC_DOMAIN[license_]
    if license_ in LICENSES and license_.startswith("CC-"):
        kind, _, version = license_.removeprefix("CC-").lower().rpartition("-")
        return f"https://creativecommons.org/licenses/{kind}/{version}/"
    return None


REDISTRIBUTABLE = frozenset(LICENSES) - {"all-rights-reserved"}
"""The licences under which whoever has a file may hand it on unchanged, some of them for no money alone."""

_LICENSES_BY_ADDRESS = {
    address.removeprefix("https://").rstrip("/"): license_
    for license_ in LICENSES
    if (address := license_address(license_)) is not None
}
# What people write around it, and the pages of the same licence for readers and for lawyers.
_AROUND_ADDRESS = re.compile(r"^https?://(www\.)?|/(deed|legalcode)(\.[a-z_-]+)?$")


def find_license(address: str) -> str:
    """The licence in LICENSES that can be read at this address; empty for any other address.

    A licence that was ported to a country ("by/3.0/de/") is another one.
    """
    return _LICENSES_BY_ADDRESS.get(_AROUND_ADDRESS.sub("", address.lower()).rstrip("/"), "")
