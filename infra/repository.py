"""The repository whose workflows may deploy: its name, which becomes part of a policy.

A module of its own, so that who checks a name need not start the CDK.
"""

from __future__ import annotations

import re

from tooling.errors import ToolError


def check_repository(repository: str) -> str:
    """The name, if it names one repository of GitHub's. Raises ToolError otherwise."""
    if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", repository):
        raise ToolError(f"which repository may deploy? Give REPOSITORY=owner/name (it is {repository!r})")
    return repository
