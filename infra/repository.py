"""The repository whose workflows may deploy: its name, which becomes part of a policy.

A module of its own, so that who checks a name need not start the CDK.
"""

from __future__ import annotations

import re

from tooling.errors import ToolError


def check_repository(repository: str) -> str:
    """The name, if it names one repository of GitHub's. Raises ToolError otherwise.

    It is the name as GitHub writes it into the repository's tokens: newer repositories have both ids in it.
    """
    if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+|[A-Za-z0-9-]+@\d+/[A-Za-z0-9._-]+@\d+", repository):
        raise ToolError(
            "which repository may deploy? Give REPOSITORY=owner@id/name@id, or REPOSITORY=owner/name for one "
            f"whose tokens have no ids (it is {repository!r}); docs/pipeline.md#setting-it-up"
        )
    return repository
