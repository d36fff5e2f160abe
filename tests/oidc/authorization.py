"""The part of an OpenID provider that signs people in: it asks nothing, and lets Alice in at once."""

import base64
import hashlib
import json
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import jwt

from tests.oidc.provider import Provider, answer
from tests.tokens import KEY, make_header

CLIENT_ID = "page"
CODE = "one-code"


@dataclass
class Authorization:
    """Answers at `/authorize` and `/token`; tests change what it answers."""

    provider: Provider
    refusal: dict[str, str] = field(default_factory=dict)
    access_token: str = ""
    nonce: str = ""
    # Where people are sent back to, if it is not where the page has said.
    answer_path: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    exchanges: int = 0

    def install(self) -> None:
        """Have the provider sign people in, too."""
        url = self.provider.url
        self.provider.answers["/.well-known/openid-configuration"] = readable(
            {
                "issuer": url,
                "jwks_uri": f"{url}/keys",
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )
        self.provider.answers["/authorize"] = self._authorize
        self.provider.answers["/token"] = self._exchange

    def _authorize(self, request: BaseHTTPRequestHandler) -> None:
        self.asked = _read_form(urlsplit(request.path).query)
        parameters = self.refusal or {"code": CODE}
        query = urlencode({**parameters, "state": self.asked["state"]})
        address = urljoin(self.asked["redirect_uri"], self.answer_path)
        answer("", 302, Location=f"{address}?{query}")(request)

    def _exchange(self, request: BaseHTTPRequestHandler) -> None:
        self.exchanges += 1
        form = _read_form(request.rfile.read(int(request.headers["Content-Length"])).decode())
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        expected = {
            "grant_type": "authorization_code",
            "code": CODE,
            "client_id": CLIENT_ID,
            "redirect_uri": self.asked["redirect_uri"],
            "code_verifier": form["code_verifier"],
        }
        if form != expected or _encode(digest) != self.asked["code_challenge"]:
            self.problems.append(json.dumps(form))
        now = int(time.time())
        identity = {
            "iss": self.provider.url,
            "aud": CLIENT_ID,
            "sub": "248289761001",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce or self.asked["nonce"],
        }
        tokens = {
            "access_token": self.access_token or self.make_access_token(),
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": jwt.encode(identity, KEY, algorithm="RS256", headers={"kid": "one"}),
        }
        readable(tokens)(request)

    def make_access_token(self) -> str:
        """A JWT access token (RFC 9068), as the API takes it."""
        header = make_header(
            iss=self.provider.url,
            sub="248289761001",
            name="Alice of the provider",
            scope=self.asked["scope"],
        )
        return header.removeprefix("Bearer ")


def readable(document: dict[str, Any]) -> Any:
    """An answer that pages of other origins may read."""
    return answer(document, Content_Type="application/json", Access_Control_Allow_Origin="*")


def _read_form(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


def _encode(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
