"""Requests by Schemathesis to a route of the OpenAPI document, and the checks of each answer.

Whatever tests with this module imports it when it runs: Schemathesis takes 1.5 s to import, and every process
that runs tests imports all test modules.
"""

import json
import os
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from stockroom.api.openapi import DOCUMENT

__all__ = ["CHECKS", "NOT_SET", "OPERATIONS", "GenerationMode", "ask"]

DEFAULT_EXAMPLES = 2
EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", DEFAULT_EXAMPLES))


def no_server_error(context: CheckContext, answer: Response, case: Case[Any]) -> bool | None:
    """oEmbed wants a 501 for a format that there is not."""
    return True if answer.status_code == 501 else not_a_server_error(context, answer, case)


CHECKS = [
    no_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_bytes()))
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)}


def ask(url: str, cases: SearchStrategy[Any], *tokens: str) -> None:
    """Send examples of a strategy, each with every token, of which one may be empty; and check each answer.

    To make an example takes more time than to send it.
    """
    with requests.Session() as session:

        @settings(
            max_examples=EXAMPLES,
            derandomize=EXAMPLES == DEFAULT_EXAMPLES,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def check(case: Any) -> None:
            for token in tokens:
                headers = {"Authorization": token} if token else {}
                answer = case.call(base_url=url, session=session, headers=headers)
                case.validate_response(answer, checks=CHECKS)

        check()
