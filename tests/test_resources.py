import json
from types import SimpleNamespace
from typing import Any

import pytest

from stockroom.api.key_objects import REFRESH_SECONDS
from stockroom.resources import Resources
from stockroom.runtime import elapsed_clock
from stockroom.runtime.errors import Unauthenticated
from tests.factories import s3_client
from tests.tokens import KEY, make_header, make_jwk


def test_a_process_that_was_frozen_reads_the_deny_list_anew(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its copy may be an hour old, though the monotonic clock has stood still."""

    def put(name: str, document: Any) -> None:
        s3_client().put_object(
            Bucket=resources.settings.keys_bucket, Key=name, Body=json.dumps(document).encode()
        )

    clocks = SimpleNamespace(monotonic=lambda: 0, time=lambda: 0)
    monkeypatch.setattr(elapsed_clock, "time", clocks)
    put("jwks/stockroom.json", {"keys": [make_jwk(KEY, "one")]})
    put("denied.json", {"jti": []})
    token = make_header(jti="withdrawn")
    assert resources.verifier.authenticate(token).subject == "alice"
    put("denied.json", {"jti": ["withdrawn"]})
    clocks.time = lambda: REFRESH_SECONDS + 1
    with pytest.raises(Unauthenticated, match="withdrawn"):
        resources.verifier.authenticate(token)
