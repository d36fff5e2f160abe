"""What becomes of a provider's key set, and of one that is not good."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from stockroom.oidc.documents import UnusableDocument
from stockroom.oidc.key_sets import fetch_key_set
from tests.oidc.provider import DISCOVERY, Provider, answer
from tests.tokens import KEY, OTHER_KEY, make_jwk

ONE = make_jwk(KEY, "one")


def fetch(provider: Provider, issuer: str | None = None) -> list[str]:
    """The ids of the keys that are left."""
    return [key.kid for key in fetch_key_set(issuer or provider.url, provider.make_fetcher().fetch).keys]


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in ONE.items() if key != name}


def test_keys_are_found_through_the_configuration(provider: Provider) -> None:
    provider.publish(ONE, make_jwk(OTHER_KEY, "two"))
    (first, second) = fetch_key_set(provider.url, provider.make_fetcher().fetch).keys
    assert (first.kid, first.n, first.e) == ("one", ONE["n"], ONE["e"])
    assert second.kid == "two"


@pytest.mark.parametrize("path", ["/realm", "/realm/"])
def test_an_issuer_may_have_a_path(provider: Provider, path: str) -> None:
    issuer = provider.url + path
    provider.answers[f"/realm{DISCOVERY}"] = answer({"issuer": issuer, "jwks_uri": f"{provider.url}/keys"})
    assert fetch(provider, issuer) == ["one"]


def test_an_issuer_does_not_speak_for_another(provider: Provider) -> None:
    provider.publish(ONE, issuer="https://id.example")
    with pytest.raises(UnusableDocument, match=r"is of the issuer 'https://id\.example'"):
        fetch(provider)
    provider.publish(ONE)
    with pytest.raises(UnusableDocument, match="is of the issuer"):
        fetch(provider, provider.url + "/")


@pytest.mark.parametrize("address", ["http://localhost/keys", "file:///etc/passwd", ""])
def test_keys_are_fetched_by_https_alone(provider: Provider, address: str) -> None:
    provider.publish(ONE, jwks_uri=address)
    with pytest.raises(UnusableDocument, match="no plain https address"):
        fetch(provider)


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"issuer": 1, "jwks_uri": 2}', "[" * 100_000, b"\xff"])
def test_a_configuration_that_is_none_is_refused(provider: Provider, body: str | bytes) -> None:
    provider.answers[DISCOVERY] = answer(body)
    with pytest.raises(UnusableDocument, match="is not as it must be"):
        fetch(provider)


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"keys": {}}', '{"keys": [1]}', '{"keys": ' + "[" * 100_000]
)
def test_a_key_set_that_is_none_is_refused(provider: Provider, body: str) -> None:
    provider.answers["/keys"] = answer(body)
    with pytest.raises(UnusableDocument, match="is not as it must be"):
        fetch(provider)


def test_an_empty_key_set_is_refused(provider: Provider) -> None:
    provider.publish()
    with pytest.raises(UnusableDocument, match="no key for RS256"):
        fetch(provider)


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "EC", "kid": "ec", "crv": "P-256", "x": "AA", "y": "AA", "use": "sig"},
        {"kty": "oct", "kid": "secret", "k": "AA"},
        ONE | {"use": "enc"},
        ONE | {"alg": "RS512"},
        ONE | {"key_ops": ["encrypt"]},
        ONE | {"key_ops": 1},
        ONE | {"key_ops": "verify"},
        ONE | {"kid": ""},
        ONE | {"kid": "x" * 256},
        ONE | {"kid": 1},
        ONE | {"n": "AQAB"},
        ONE | {"n": "?"},
        ONE | {"n": "x"},
        ONE | {"n": "_" * 2000},
        ONE | {"e": "AQ"},
        ONE | {"e": "AAAA"},
        without("kid"),
        without("n"),
        without("e"),
        without("kty"),
        make_jwk(rsa.generate_private_key(public_exponent=65537, key_size=1024), "short"),  # noqa: S505
    ],
)  # fmt: skip
def test_a_key_that_checks_no_token_is_left_out(provider: Provider, key: dict[str, Any]) -> None:
    provider.publish(key)
    with pytest.raises(UnusableDocument, match="no key for RS256"):
        fetch(provider)
    provider.publish(key, make_jwk(OTHER_KEY, "good"))
    assert fetch(provider) == ["good"]


@pytest.mark.parametrize("name", ["alg", "use"])
def test_a_key_need_not_say_what_it_is_for(provider: Provider, name: str) -> None:
    provider.publish(without(name))
    assert fetch(provider) == ["one"]


def test_a_private_part_is_not_kept(provider: Provider) -> None:
    provider.publish(ONE | {"d": "AQAB", "x5c": ["AQAB"]})
    (key,) = fetch_key_set(provider.url, provider.make_fetcher().fetch).keys
    assert set(key.__struct_fields__) == {"kty", "kid", "use", "n", "e"}
