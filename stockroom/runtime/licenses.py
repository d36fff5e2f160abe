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

_CREATIVE_COMMONS = re.compile(r"CC-(BY(?:-[A-Z]+)*)-(\d\.\d)")
_OTHERS = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
}


def find_license_url(license_: str) -> str:
    """The address of a licence's text; empty if it has none. The page knows them, too (licenses.ts)."""
    found = _CREATIVE_COMMONS.fullmatch(license_)
    if found is None:
        return _OTHERS.get(license_, "")
    return f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/"
