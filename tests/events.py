"""Events as AWS sends them to Lambda, and a context."""

import base64
import json
from typing import Any


def http(
    route: str,
    path: dict[str, str] | None = None,
    query: str = "",
    body: Any = None,
    *,
    token: str = "",
    headers: dict[str, str] | None = None,
    encoded: bool = False,
) -> dict[str, Any]:
    """An HTTP API event with payload 2.0 for a route key such as `GET /api/images/{id}`."""
    method, _, template = route.partition(" ")
    raw_path = template
    for name, value in (path or {}).items():
        raw_path = raw_path.replace("{" + name + "}", value)
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    sent = {"content-type": "application/json"} if text is not None else {}
    if token:
        sent["authorization"] = token
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": raw_path,
        "rawQueryString": query,
        "headers": sent | (headers or {}),
        "requestContext": {
            "http": {"method": method, "path": raw_path, "sourceIp": "127.0.0.1"},
            "requestId": "request-1",
            "routeKey": route,
            "stage": "$default",
        },
        "isBase64Encoded": encoded,
    }
    if path:
        event["pathParameters"] = path
    if text is not None:
        event["body"] = base64.b64encode(text.encode()).decode() if encoded else text
    return event


def sqs(*bodies: str) -> dict[str, Any]:
    """An SQS event with these messages."""
    return {"Records": [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]}


def created(*keys: str, event: str = "ObjectCreated:Put", at: str = "2026-05-01T12:00:00.000Z") -> str:
    """The message in which S3 announces objects; keys as S3 spells them, URL-encoded."""
    facts = {
        "eventName": event,
        "eventTime": at,
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810"},
    }
    return json.dumps({"Records": [{**facts, "s3": {"object": {"key": key}}} for key in keys]})


class Context:
    """What Lambda tells a function of its invocation."""

    function_name = "function"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:function"
    aws_request_id = "request-1"

    def __init__(self, seconds: float = 300) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)

    def pass_time(self, seconds: float) -> None:
        """Have so much less time left."""
        self._seconds -= seconds
