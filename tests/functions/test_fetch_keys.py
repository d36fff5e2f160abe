import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from functions.fetch_keys import app as module
from functions.fetch_keys.app import MAX_WRITES, KeysNotFetched, handler
from stockroom.api.auth import Verifier
from stockroom.images.storage import Storage
from stockroom.resources import Resources
from stockroom.runtime import settings
from stockroom.runtime.settings import Settings, key_set_name
from tests.events import Context
from tests.factories import s3_client
from tests.oidc.provider import Provider, answer, running_provider
from tests.tokens import OTHER_KEY, make_header, make_jwk


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with running_provider(tmp_path) as provider:
        yield provider


@pytest.fixture
def configured(resources: Resources, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that trust the operator and two issuers of the provider; `/b` has no configuration."""
    issuers = ("stockroom", f"{provider.url}/b", provider.url)
    changed = replace(resources.settings, issuers=issuers)
    monkeypatch.setattr(settings, "current", lambda: changed)
    monkeypatch.setattr(module, "make_fetcher", provider.make_fetcher)
    return changed


def read(configured: Settings, name: str) -> bytes | None:
    return Storage(configured).read_key_object(name)


def publish_b(provider: Provider) -> None:
    configuration = {"issuer": f"{provider.url}/b", "jwks_uri": f"{provider.url}/keys-b"}
    provider.answers["/b/.well-known/openid-configuration"] = answer(configuration)
    provider.answers["/keys-b"] = answer({"keys": [make_jwk(OTHER_KEY, "b")]})


def test_a_token_of_a_provider_signs_in_when_its_keys_were_fetched(
    configured: Settings, provider: Provider
) -> None:
    publish_b(provider)
    assert handler({}, Context()) == {f"{provider.url}/b": 1, provider.url: 1}
    s3_client().put_object(Bucket=configured.keys_bucket, Key="denied.json", Body=b"{}")
    verifier = Verifier(configured, Storage(configured).read_key_object)
    caller = verifier.authenticate(make_header(iss=provider.url, scope="read admin"))
    assert (caller.issuer, caller.subject) == (provider.url, "alice")
    assert caller.scopes == {"read"}
    caller = verifier.authenticate(make_header(OTHER_KEY, "b", iss=f"{provider.url}/b", scope="upload"))
    assert caller.scopes == {"upload"}


def test_one_issuer_that_fails_does_not_keep_the_keys_of_another_old(
    configured: Settings, provider: Provider, logs: Callable[[], str]
) -> None:
    with pytest.raises(KeysNotFetched, match=r"/b: .* status 404"):
        handler({}, Context())
    assert b'"kid":"one"' in (read(configured, key_set_name(provider.url)) or b"")
    entries = [json.loads(line) for line in logs().splitlines()]
    (told,) = (entry for entry in entries if entry["message"] == "keys fetched")
    assert told["kids"] == ["one"]
    (failed,) = (entry for entry in entries if entry["message"] == "keys not fetched")
    assert failed["issuer"] == f"{provider.url}/b"
    assert "status 404" in failed["reason"]


@pytest.mark.parametrize("broken", [{"keys": []}, "no json", {}])
def test_good_keys_are_not_replaced_by_none(configured: Settings, provider: Provider, broken: Any) -> None:
    publish_b(provider)
    handler({}, Context())
    before = read(configured, key_set_name(provider.url))
    provider.answers["/keys"] = answer(broken)
    with pytest.raises(KeysNotFetched):
        handler({}, Context())
    assert read(configured, key_set_name(provider.url)) == before


def test_a_run_does_not_bring_back_what_the_provider_has_rotated_meanwhile(
    configured: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between what one run fetches and what it writes, the provider rotates, and another run does both."""
    publish_b(provider)
    write = Storage.write_key_object

    def write_late(storage: Storage, name: str, body: bytes) -> None:
        monkeypatch.setattr(Storage, "write_key_object", write)
        provider.answers["/keys-b"] = answer({"keys": [make_jwk(OTHER_KEY, "newer")]})
        handler({}, Context())
        write(storage, name, body)

    monkeypatch.setattr(Storage, "write_key_object", write_late)
    handler({}, Context())
    assert b'"kid":"newer"' in (read(configured, key_set_name(f"{provider.url}/b")) or b"")


@pytest.mark.usefixtures("configured")
def test_a_provider_whose_keys_are_others_each_time_ends(provider: Provider) -> None:
    publish_b(provider)
    numbers = count()

    def answer_anew(request: BaseHTTPRequestHandler) -> None:
        answer({"keys": [make_jwk(OTHER_KEY, f"key-{next(numbers)}")]})(request)

    provider.answers["/keys-b"] = answer_anew
    assert handler({}, Context())[f"{provider.url}/b"] == 1
    assert next(numbers) == MAX_WRITES


def test_the_operators_own_keys_are_not_fetched(configured: Settings, provider: Provider) -> None:
    publish_b(provider)
    handler({}, Context())
    assert read(configured, "jwks/stockroom.json") is None


def test_storage_that_is_away_is_a_failure(configured: Settings, provider: Provider) -> None:
    publish_b(provider)
    s3_client().delete_bucket(Bucket=configured.keys_bucket)
    with pytest.raises(KeysNotFetched, match="Storage does not answer"):
        handler({}, Context())


def test_it_imports_nothing_that_its_package_lacks() -> None:
    program = "import sys, functions.fetch_keys.app; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = set(result.stdout.split())
    assert "stockroom.oidc.key_sets" in imported
    assert imported.isdisjoint({"Stemmer", "pyvips", "pymysql", "jwt", "chalice", "cryptography"})
