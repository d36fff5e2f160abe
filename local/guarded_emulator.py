"""The AWS emulator with a check in front of it: `python -P local/guarded_emulator.py`.

The emulator answers whoever reaches its port, and routes of its own erase all that it holds. Every page that
a browser shows can send requests to 127.0.0.1. So each request must be signed, which the emulator then
checks, or it must have the secret that the CDN of this stack adds. A browser sends a signature to another
origin only after a preflight request, which has neither and is refused.

This runs in the emulator's environment: the standard library and ministack are all that it imports.
"""

import hmac
import importlib
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

SECRET_HEADER = "X-Stockroom-Emulator"  # noqa: S105  the header's name
SECRET_VARIABLE = "EMULATOR_SECRET"  # noqa: S105  the variable's name
HEALTH = "/_stockroom/health"
"""Answers 200 to who has the secret: the emulator runs, and with this check."""

# The answer of a custom resource, to an address that has a token and works once.
ANSWERS = "/_ministack/cfn-response/"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def guard(emulator: Application, secret: str) -> Application:
    """The ASGI application that hands to `emulator` what may reach it, and answers 404 to the rest."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await emulator(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close"})
        elif scope["path"] == HEALTH and _has_secret(scope, secret):
            await _answer(send, 200)
        elif _is_allowed(scope, secret):
            # A function gets the headers of its request, and needs no secret of others.
            headers = [pair for pair in scope["headers"] if pair[0].lower() != SECRET_HEADER.lower().encode()]
            await emulator({**scope, "headers": headers}, receive, send)
        else:
            await _answer(send, 404)

    return guarded


def main() -> None:
    """Run the emulator behind the check until it is stopped."""
    # The functions inherit the environment, and need no access of this kind.
    secret = os.environ.pop(SECRET_VARIABLE)
    # Before the import of what uses by name what these two replace.
    _check_the_operators_signatures(os.environ["AWS_ACCESS_KEY_ID"])
    _give_functions_secret_credentials(secret)
    app: Any = importlib.import_module("ministack.app")
    app.app = guard(app.app, secret)
    app.main()


def _check_the_operators_signatures(key_id: str) -> None:
    """Have the emulator check who says that they are the account's root, and know one root alone.

    By itself it takes the key id `test` and every number of twelve digits for a root, whatever the signature
    of the request's headers.
    """
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    # Without a key, the emulator itself decides which requests need none.
    evaluator.is_root_access_key = lambda claimed: claimed in ("", key_id)
    # By this function a request's signature is not looked at.
    evaluator._is_root_key = lambda _: False


def _give_functions_secret_credentials(secret: str) -> None:
    """Have the emulator derive the credentials of a function from `secret`, too.

    By itself it hashes the names of the function and of its role, which are the same in every stack.
    """
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    derive = runtime.execution_credentials
    # Of the role, only what follows its last slash is more than an input of the hash.
    runtime.execution_credentials = lambda config: derive({**config, "Role": f"{secret}/{config['Role']}"})


def _is_allowed(scope: Scope, secret: str) -> bool:
    path = scope["path"]
    if scope["method"] == "PUT" and path.startswith(ANSWERS):
        return True
    # The routes by which the emulator itself is read, configured and reset.
    if path.startswith("/_") or path == "/health":
        return False
    return _has_secret(scope, secret) or _is_signed(scope)


def _has_secret(scope: Scope, secret: str) -> bool:
    return hmac.compare_digest(_header(scope, SECRET_HEADER), secret.encode())


def _is_signed(scope: Scope) -> bool:
    """Whether a request claims a signature. The emulator checks it, for everything that needs one.

    A preflight request is never signed, and the emulator would allow whatever it asks for.
    """
    if scope["method"] == "OPTIONS":
        return False
    is_presigned = b"X-Amz-Signature=" in scope["query_string"]
    return is_presigned or _header(scope, "Authorization").startswith(b"AWS4-HMAC-SHA256 ")


def _header(scope: Scope, name: str) -> bytes:
    values = [value for key, value in scope["headers"] if key.lower() == name.lower().encode()]
    return values[0] if len(values) == 1 else b""


async def _answer(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    main()
