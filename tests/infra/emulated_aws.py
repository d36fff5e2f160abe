"""The AWS emulator in one process, without a port: `python -P tests/infra/emulated_aws.py`.

A line of the standard input is a call of AWS, `{"service", "operation", "parameters"}`; the next line of the
output is its answer, `{"answer"}` or `{"error"}`. The operation `wait` waits for what `parameters` name.

This runs in the emulator's environment: the standard library, boto3 and ministack are all that it imports.
"""

import asyncio
import importlib
import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

# Every request is handed to the emulator, whichever host it names.
ENDPOINT = "http://emulator.invalid"
POLL = {"Delay": 0.02, "MaxAttempts": 6000}


class Body(io.BytesIO):
    """An answer's body, as botocore reads it."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


class Emulator:
    """The emulator, in a thread of its own, and clients whose requests never leave this process."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._application: Any = importlib.import_module("ministack.app").app
        self._session = boto3.session.Session()
        self._session.events.register("before-send", self._send)
        self._clients: dict[str, Any] = {}

    def call(self, service: str, operation: str, parameters: dict[str, Any]) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service, endpoint_url=ENDPOINT, config=Config(s3={"addressing_style": "path"})
            )
        client = self._clients[service]
        if operation == "wait":
            return client.get_waiter(parameters.pop("waiter")).wait(**parameters, WaiterConfig=POLL)
        answer = getattr(client, operation)(**parameters)
        answer.pop("ResponseMetadata", None)
        return answer

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        answer = asyncio.run_coroutine_threadsafe(self._ask(request), self._loop).result()
        return AWSResponse(request.url, answer["status"], answer["headers"], Body(answer["body"]))

    async def _ask(self, request: AWSPreparedRequest) -> dict[str, Any]:
        address = urlsplit(request.url)
        body = request.body or b""
        body = body.read() if hasattr(body, "read") else body
        headers = [
            (name.lower().encode(), value if isinstance(value, bytes) else str(value).encode())
            for name, value in request.headers.items()
        ]
        scope = {
            "type": "http",
            "method": request.method,
            "scheme": address.scheme,
            "path": unquote(address.path),
            "raw_path": address.path.encode(),
            "query_string": address.query.encode(),
            "headers": [*headers, (b"host", address.netloc.encode())],
            "client": ("127.0.0.1", 0),
        }
        answer: dict[str, Any] = {"body": b""}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body if isinstance(body, bytes) else body.encode()}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                answer["headers"] = {name.decode(): text.decode() for name, text in message["headers"]}
            else:
                answer["body"] += message.get("body", b"")

        await self._application(scope, receive, send)
        return answer


def main() -> None:
    # What the emulator prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    emulator = Emulator()
    for line in sys.stdin:
        call = json.loads(line)
        try:
            result = {"answer": emulator.call(call["service"], call["operation"], call["parameters"])}
        except (ClientError, WaiterError) as error:
            result = {"error": str(error)}
        print(json.dumps(result, default=write_plainly), file=answers, flush=True)


def write_plainly(value: Any) -> str:
    """Dates, and bodies of objects, which are text here."""
    return str(value.read().decode() if hasattr(value, "read") else value)


if __name__ == "__main__":
    main()
