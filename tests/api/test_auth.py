import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from stockroom.api.auth import NEW_KEY_SECONDS, Verifier
from stockroom.api.key_objects import EXPIRY_SECONDS, REFRESH_SECONDS, RETRY_SECONDS
from stockroom.runtime.errors import Forbidden, KeysUnavailable, Unauthenticated
from stockroom.runtime.observability import metrics
from stockroom.runtime.settings import Settings
from tests.tokens import KEY, OTHER_KEY, KeysBucket, make_claims, make_header, make_jwk


def make_unsigned_header(**more: Any) -> str:
    """A token with a header of its own and no valid signature."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"Bearer {part({'alg': 'RS256', 'kid': 'one'} | more)}.{part(make_claims())}.AAAA"


def make_deep_header(depth: int) -> str:
    """A token whose header is a list in a list, `depth` times."""
    header = base64.urlsafe_b64encode(b"[" * depth + b"]" * depth).decode().rstrip("=")
    return f"Bearer {header}.{header}.AAAA"


def test_a_good_token(verifier: Verifier) -> None:
    caller = verifier.authenticate(make_header(name="Alice A."))
    assert (caller.issuer, caller.subject, caller.name) == ("stockroom", "alice", "Alice A.")
    assert caller.require("upload") is caller


def test_neither_the_subject_nor_a_preferred_username_is_the_name(verifier: Verifier) -> None:
    assert verifier.authenticate(make_header()).name == ""
    assert verifier.authenticate(make_header(preferred_username="alice@mail.example")).name == ""


def test_a_missing_scope_is_403(verifier: Verifier) -> None:
    with pytest.raises(Forbidden, match="upload") as caught:
        verifier.authenticate(make_header(scope="read")).require("upload")
    assert caught.value.code == "scope-missing"


OTHER_ISSUER = "https://id.example/a"


@pytest.mark.parametrize(
    ("setting", "scopes"),
    [
        ("", {"read", "upload"}),
        (f"{OTHER_ISSUER}=read", {"read"}),
        (f"{OTHER_ISSUER} = upload  read", {"read", "upload"}),
        (f"stockroom=read,{OTHER_ISSUER}=admin", {"read", "upload", "admin"}),
    ],
)
def test_an_issuer_grants_only_the_scopes_of_the_settings(
    keys: KeysBucket, setting: str, scopes: set[str]
) -> None:
    keys.put("jwks/https-id.example-a.json", {"keys": [make_jwk(OTHER_KEY, "other")]})
    settings = Settings.from_environment(
        {"STOCKROOM_ISSUERS": f"stockroom,{OTHER_ISSUER}", "STOCKROOM_ISSUER_SCOPES": setting}
    )
    verifier = Verifier(settings, keys.read)
    everything = "admin read upload launch"
    caller = verifier.authenticate(make_header(OTHER_KEY, "other", iss=OTHER_ISSUER, scope=everything))
    assert caller.scopes == scopes


def test_the_operators_own_issuer_grants_everything_by_default(verifier: Verifier) -> None:
    caller = verifier.authenticate(make_header(scope="admin read upload launch"))
    assert caller.scopes == {"admin", "read", "upload"}


def test_a_foreign_admin_may_not_do_what_its_issuer_may_not_grant(keys: KeysBucket) -> None:
    keys.put("jwks/https-id.example-a.json", {"keys": [make_jwk(OTHER_KEY, "other")]})
    settings = Settings(issuers=("stockroom", OTHER_ISSUER), issuer_scopes=(f"{OTHER_ISSUER}=read",))
    caller = Verifier(settings, keys.read).authenticate(
        make_header(OTHER_KEY, "other", iss=OTHER_ISSUER, scope="admin")
    )
    with pytest.raises(Forbidden, match="issuer"):
        caller.require("upload")


def test_admin_has_every_scope(verifier: Verifier) -> None:
    verifier.authenticate(make_header(scope="admin")).require("upload")


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "token-missing"),
        ("Bearer", "token-missing"),
        ("Basic YTpi", "token-missing"),
        ("Bearer x", "token-invalid"),
        ("Bearer " + "x" * 9000, "token-invalid"),
        (make_header(key=OTHER_KEY), "token-invalid"),
        (make_header(kid="two"), "token-invalid"),
        (make_header(key="a shared secret of thirty-two bytes", algorithm="HS256"), "token-invalid"),
        (make_header(exp=1), "token-expired"),
        (make_header(exp=int(time.time()) + 40 * 24 * 3600), "token-invalid"),
        (make_header(iss="https://elsewhere.example"), "token-invalid"),
        (make_header(aud="another"), "token-invalid"),
        (make_header(sub=None), "token-invalid"),
        (make_header(sub=""), "token-invalid"),
        (make_header(exp=None), "token-invalid"),
        (make_header(scope=None), "token-invalid"),
        (make_header(scope=["upload"]), "token-invalid"),
        (make_header(exp="soon"), "token-invalid"),
        (make_header(exp=10**400), "token-invalid"),
        (make_header(iss=["stockroom"]), "token-invalid"),
        (make_header(sub="alice "), "token-invalid"),
        (make_header(sub="ali\u200bce"), "token-invalid"),
        (make_header(sub="\ud800"), "token-invalid"),
        (make_header(sub=7), "token-invalid"),
        (make_header(jti=None), "token-invalid"),
        (make_header(jti=""), "token-invalid"),
        (make_header(jti=7), "token-invalid"),
        (make_unsigned_header(crit=["\ud800"]), "token-invalid"),
        (make_unsigned_header(alg="none"), "token-invalid"),
        (make_header(jti=" t1"), "token-invalid"),
        (make_header(jti="t\u200b1"), "token-invalid"),
        (make_header(jti="x" * 256), "token-invalid"),
        (make_deep_header(3000), "token-invalid"),
    ],
)
def test_a_bad_token_is_401_and_says_why(verifier: Verifier, authorization: str, code: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        verifier.authenticate(authorization)
    assert caught.value.code == code
    assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_is_nested_too_deeply_to_be_read_is_401(
    verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_too_deep(*_: Any, **__: Any) -> Any:
        raise RecursionError  # as json does from a depth on that differs between versions of Python

    monkeypatch.setattr(json, "loads", read_too_deep)
    with pytest.raises(Unauthenticated) as caught:
        verifier.authenticate(make_header())
    assert caught.value.code == "token-invalid"


def test_a_token_can_be_withdrawn(verifier: Verifier, keys: KeysBucket) -> None:
    keys.put("denied.json", {"jti": ["t1"]})
    with pytest.raises(Unauthenticated) as caught:
        verifier.authenticate(make_header())
    assert caught.value.code == "token-revoked"
    verifier.authenticate(make_header(jti="t2"))


@pytest.mark.parametrize(
    ("denied", "reason"),
    [
        ({"subjects": {"https://typo.example": ["alice"]}}, "'https://typo.example' is no issuer"),
        ({"subjects": {"stockroom": ["alice "]}}, "no token can have 'alice '"),
        ({"jti": [""]}, "no token can have ''"),
    ],
)
def test_the_log_says_which_entry_of_the_deny_list_is_wrong(
    verifier: Verifier, keys: KeysBucket, logs: Callable[[], str], denied: Any, reason: str
) -> None:
    keys.put("denied.json", denied)
    with pytest.raises(KeysUnavailable):
        verifier.authenticate(make_header())
    (line,) = [line for line in logs().splitlines() if "keys not read" in line]
    assert reason in json.loads(line)["reason"]


def test_all_tokens_of_a_person_can_be_withdrawn(keys: KeysBucket) -> None:
    settings = Settings(issuers=("stockroom", "https://id.example"))
    verifier = Verifier(settings, keys.read, clock=lambda: keys.seconds)
    keys.put("denied.json", {"subjects": {"stockroom": ["alice"], "https://id.example": ["bob"]}})
    for jti in ("t1", "t2"):
        with pytest.raises(Unauthenticated) as caught:
            verifier.authenticate(make_header(jti=jti))
        assert caught.value.code == "token-revoked"
    # Another issuer's Bob is another person.
    verifier.authenticate(make_header(sub="bob"))


def test_keys_are_read_once(verifier: Verifier, keys: KeysBucket) -> None:
    for _ in range(5):
        verifier.authenticate(make_header())
    assert keys.reads == ["jwks/stockroom.json", "denied.json"]


def test_a_new_key_is_found_and_an_unknown_one_does_not_hammer_storage(
    verifier: Verifier, keys: KeysBucket
) -> None:
    verifier.authenticate(make_header())
    keys.put("jwks/stockroom.json", {"keys": [make_jwk(KEY, "one"), make_jwk(OTHER_KEY, "two")]})
    with pytest.raises(Unauthenticated):
        verifier.authenticate(make_header(key=OTHER_KEY, kid="two"))
    keys.seconds += NEW_KEY_SECONDS + 1
    verifier.authenticate(make_header(key=OTHER_KEY, kid="two"))
    keys.seconds += REFRESH_SECONDS + 1
    verifier.authenticate(make_header())
    assert keys.reads.count("jwks/stockroom.json") == 3


@pytest.mark.parametrize("name", ["\u202eevil", "   ", 7, ["x"], "\ud800", "a\x00b"])
def test_a_name_that_cannot_be_shown_gives_way(verifier: Verifier, name: Any) -> None:
    assert verifier.authenticate(make_header(name=name)).name == ""


@pytest.mark.parametrize("name", ["e" + "\u0301" * 9, "Al\u0456ce", "\u3164", "\u0301", "\u2066Alice"])
def test_a_name_that_looks_like_another_or_like_nothing_gives_way(verifier: Verifier, name: str) -> None:
    assert verifier.authenticate(make_header(name=name)).name == ""


def test_what_nobody_sees_of_a_name_is_not_shown(verifier: Verifier) -> None:
    assert verifier.authenticate(make_header(name="Ali\u200bce \u3164\u2764\ufe0f")).name == "Alice \u2764"


def test_a_name_is_shown_on_one_line(verifier: Verifier) -> None:
    assert verifier.authenticate(make_header(name=" two\nlines")).name == "two lines"


def test_keys_of_other_kinds_are_passed_over(verifier: Verifier, keys: KeysBucket) -> None:
    others = [
        {"kty": "EC", "kid": "one", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "oct", "kid": "one", "k": "AA"},
        {**make_jwk(OTHER_KEY, "one"), "use": "enc"},
        {},
    ]
    keys.put("jwks/stockroom.json", {"keys": [*others, make_jwk(KEY, "one")]})
    verifier.authenticate(make_header())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("jwks/stockroom.json", None),
        ("jwks/stockroom.json", b""),
        ("jwks/stockroom.json", b"{"),
        ("jwks/stockroom.json", b"{}"),
        ("jwks/stockroom.json", b"[]"),
        ("jwks/stockroom.json", b'{"keys": null}'),
        ("jwks/stockroom.json", b'{"keys": [3]}'),
        ("denied.json", None),
        ("denied.json", b""),
        ("denied.json", b'{"jti": null}'),
        ("denied.json", b'{"jti": "t1"}'),
        ("denied.json", b'{"jti": [1]}'),
        ("denied.json", b'{"jtis": ["t1"]}'),
        ("denied.json", b'{"subjects": ["alice"]}'),
        ("denied.json", b"[]"),
        ("denied.json", b'{"jti": [""]}'),
        ("denied.json", b'{"jti": [" t1"]}'),
        ("denied.json", b'{"jti": ["t1\\n"]}'),
        ("denied.json", b'{"jti": ["t1"], "jti": []}'),
        ("denied.json", b'{"subjects": {"stockroom": [""]}}'),
        ("denied.json", b'{"subjects": {"stockroom": ["alice "]}}'),
        ("denied.json", b'{"subjects": {"stockroom": ["ali\\u200bce"]}}'),
        ("denied.json", b'{"subjects": {"stockroom ": ["alice"]}}'),
        ("denied.json", b'{"subjects": {"Stockroom": ["alice"]}}'),
        ("denied.json", b'{"subjects": {"https://id.example": []}}'),
        ("denied.json", b'{"subjects": {"stockroom": ["alice"], "stockroom": []}}'),
    ],
)
def test_broken_objects_let_nobody_in_and_say_503(
    verifier: Verifier, keys: KeysBucket, logs: Callable[[], str], name: str, content: bytes | None
) -> None:
    del keys.objects[name]
    if content is not None:
        keys.objects[name] = content
    with pytest.raises(KeysUnavailable) as caught:
        verifier.authenticate(make_header())
    assert (caught.value.code, caught.value.headers) == ("keys-unavailable", {"Retry-After": "5"})
    assert name in logs()


def test_a_copy_outlasts_storage_until_it_is_ten_minutes_old(verifier: Verifier, keys: KeysBucket) -> None:
    verifier.authenticate(make_header())
    keys.is_away = True
    for _ in range(2):
        keys.seconds += REFRESH_SECONDS - 1
        verifier.authenticate(make_header())
    keys.seconds = EXPIRY_SECONDS + 1
    with pytest.raises(KeysUnavailable):
        verifier.authenticate(make_header())
    keys.is_away = False
    keys.seconds += RETRY_SECONDS
    verifier.authenticate(make_header())


def test_a_deny_list_that_was_broken_later_fails_closed_and_counts_as_unreadable(
    verifier: Verifier, keys: KeysBucket, logs: Callable[[], str]
) -> None:
    metrics.clear_metrics()
    verifier.authenticate(make_header())
    keys.objects["denied.json"] = b'{"jti": ["t1",]}'
    keys.seconds += EXPIRY_SECONDS + 1
    with pytest.raises(KeysUnavailable):
        verifier.authenticate(make_header())
    metrics.flush_metrics()
    assert '"KeysUnreadable":[1.0]' in logs()


def test_an_unreadable_object_is_not_read_at_every_request(verifier: Verifier, keys: KeysBucket) -> None:
    keys.objects["denied.json"] = b"{"
    for _ in range(3):
        with pytest.raises(KeysUnavailable):
            verifier.authenticate(make_header())
    assert keys.reads.count("denied.json") == 1
    keys.seconds += RETRY_SECONDS
    with pytest.raises(KeysUnavailable):
        verifier.authenticate(make_header())
    assert keys.reads.count("denied.json") == 2


def test_a_challenge_names_a_bad_token_and_not_a_missing_one(verifier: Verifier) -> None:
    for authorization, named in (("", False), ("Bearer x.y.z", True)):
        with pytest.raises(Unauthenticated) as caught:
            verifier.authenticate(authorization)
        assert ('error="invalid_token"' in caught.value.headers["WWW-Authenticate"]) is named
