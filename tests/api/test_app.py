import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from stockroom.api.app import MAX_BODY, Api
from stockroom.api.auth import Caller, Verifier
from stockroom.api.cache_policy import FRONT_PAGE, PICTURE, SUGGESTION
from stockroom.api.client_limits import CDN_HEADER, ClientLimits
from stockroom.api.parameters import PathParameter, QueryParameter
from stockroom.api.response_cache import ResponseCache
from stockroom.api.schemas import Image, ImagePage
from stockroom.runtime.errors import Conflict, LimitExceeded
from stockroom.runtime.settings import Settings
from stockroom.uploads.requests import TicketsRequest
from tests.events import Context, http
from tests.tokens import KeysBucket, make_header


@dataclass
class Services:
    """What an Api needs, without a database: the clock of its response cache stands still."""

    settings: Settings = field(default_factory=Settings)
    keys: KeysBucket = field(default_factory=KeysBucket)
    seconds: float = 0
    calls: int = 0
    images: list[Image] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.verifier = Verifier(self.settings, self.keys.read)
        self.client_limits = ClientLimits(self.settings.client_rate, clock=lambda: self.seconds)
        self.response_cache = ResponseCache(lambda: self.seconds)


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def private() -> Services:
    return Services(Settings(visibility="private"))


def make_api(services: Services) -> Api:
    api = Api("test", lambda: services)

    @api.operation("GET /api/things", access="anyone")
    def list_things(
        *,
        q: Annotated[str, QueryParameter("Text")] = "",
        tags: Annotated[tuple[str, ...], QueryParameter("Tags", name="tag")] = (),
        limit: Annotated[int, QueryParameter("Things", minimum=1, maximum=100)] = 24,
        ids: Annotated[
            list[str] | None, QueryParameter("Ids", parse=lambda text: text.split(","), is_exclusive=True)
        ] = None,
    ) -> dict[str, Any]:
        """Things."""
        return {"tags": tags, "q": q, "limit": limit, "ids": ids}

    @api.operation("DELETE /api/things/{name}", access="anyone")
    def delete_thing(thing: Annotated[str, PathParameter("Name", name="name")]) -> None:
        """Delete a thing."""
        if thing == "kept":
            raise Conflict("It is in use.", code="already-ready")
        if thing == "many":
            raise LimitExceeded("Too many.", code="too-many-pending", seconds=7)
        if thing == "cursed":
            raise ZeroDivisionError("secret detail")

    @api.operation("POST /api/things", access="anyone")
    def create_things(body: TicketsRequest) -> TicketsRequest:
        """Create things."""
        return body

    @api.operation("GET /api/mine", access="upload")
    def list_mine(services: Services, caller: Caller) -> dict[str, Any]:
        """Mine."""
        return {"subject": caller.subject, "calls": services.calls}

    @api.operation("GET /api/greeting", access="visitor")
    def greet(caller: Caller | None) -> dict[str, Any]:
        """Greet."""
        return {"subject": caller and caller.subject}

    @api.operation("GET /api/pages/{kind}", access="reader", cache=FRONT_PAGE)
    def list_pages(
        services: Services,
        _kind: Annotated[str, PathParameter("Kind", name="kind")],
        *,
        q: Annotated[str, QueryParameter("Text")] = "",
        sort: Annotated[str, QueryParameter("Order", choices=("newest", "best"))] = "newest",
        cursor: Annotated[str, QueryParameter("Place", parse=str.upper)] = "",
    ) -> ImagePage:
        """Pages."""
        services.calls += 1
        return ImagePage(services.images, next="NEXT" if cursor or q or sort else None)

    @api.operation("GET /api/one", access="reader", cache=PICTURE)
    def get_one(services: Services) -> dict[str, int]:
        """One."""
        services.calls += 1
        return {"calls": services.calls}

    @api.operation("GET /api/suggestions", access="reader", cache=SUGGESTION)
    def list_suggestions() -> bytes:
        """Suggestions."""
        return b'{"raw":"\xc3\xa9"}'

    return api


@pytest.fixture
def api(services: Services) -> Api:
    return make_api(services)


def call(api: Api, *arguments: Any, **options: Any) -> tuple[int, dict[str, str], Any]:
    answer = api(http(*arguments, **options), Context())
    assert "multiValueHeaders" not in answer
    return answer["statusCode"], answer["headers"], json.loads(answer["body"]) if answer["body"] else None


def test_repeated_encoded_and_empty_parameters(api: Api) -> None:
    status, headers, body = call(api, "GET /api/things", query="tag=a&tag=b%20c%2B&tag=&q=&&limit=5")
    assert status == 200
    assert headers == {
        "Content-Type": "application/json",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    assert body == {"tags": ["a", "b c+"], "q": "", "limit": 5, "ids": None}


def test_absent_parameters_have_defaults(api: Api) -> None:
    assert call(api, "GET /api/things")[2] == {"tags": [], "q": "", "limit": 24, "ids": None}


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("colour=red", "?colour", "unknown-parameter"),
        ("q=1&q=2", "?q", "repeated-parameter"),
        ("limit=0", "?limit", "invalid-number"),
        ("limit=101", "?limit", "invalid-number"),
        ("limit=-1", "?limit", "invalid-number"),
        ("limit=", "?limit", "invalid-number"),
        ("limit=%D9%A3", "?limit", "invalid-number"),
        ("limit=" + "9" * 5000, "?limit", "invalid-number"),
        ("ids=a&limit=5", "?limit", "unknown-parameter"),
        ("Q=1", "?Q", "unknown-parameter"),
        ("%71=1", "?%71", "unknown-parameter"),
        ("q%20=1", "?q%20", "unknown-parameter"),
        ("=1", "?", "unknown-parameter"),
        ("x" * 5000, f"?{'x' * 100}…", "unknown-parameter"),
    ],
)
def test_a_wrong_parameter_is_named(api: Api, query: str, pointer: str, code: str) -> None:
    status, headers, body = call(api, "GET /api/things", query=query)
    assert status == 400
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    assert body["code"] == code
    assert body["errors"] == [{"pointer": pointer, "code": code, "detail": body["detail"]}]
    assert body["type"] == f"urn:stockroom:problem:{code}"


def test_a_hundred_parameters_and_no_more(api: Api) -> None:
    assert call(api, "GET /api/things", query="&".join(["tag=a"] * 100))[0] == 200
    status, _, body = call(api, "GET /api/things", query="&".join(["tag=a"] * 101))
    assert (status, body["code"]) == (400, "too-many-parameters")


@pytest.mark.parametrize("encoded", [False, True])
def test_a_body(api: Api, encoded: bool) -> None:
    status, _, body = call(api, "POST /api/things", body={"ids": ["é"]}, encoded=encoded)
    assert (status, body) == (200, {"ids": ["é"]})


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("{", 400, "invalid-json"),
        ("", 400, "invalid-json"),
        ("[]", 400, "invalid-field"),
        ("[" * 200_000, 400, "invalid-json"),
        ('{"ids":["\\ud800"]}', 400, "invalid-json"),
        ('{"ids":"x"}', 400, "invalid-field"),
        ('{"ids":[],"more":1}', 400, "unknown-field"),
        ('"' + "x" * MAX_BODY + '"', 413, "body-too-large"),
    ],
)
def test_a_wrong_body(api: Api, text: str, status: int, code: str) -> None:
    answered, _, body = call(api, "POST /api/things", body=text)
    assert (answered, body["code"]) == (status, code)


def test_another_media_type_is_415(api: Api) -> None:
    status, headers, body = call(
        api, "POST /api/things", body="a=b", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert (status, body["code"]) == (415, "unsupported-media-type")
    assert headers["Content-Type"] == "application/problem+json"


def test_another_method_is_405(api: Api) -> None:
    status, headers, body = call(api, "PUT /api/things", body={})
    assert (status, body["code"]) == (405, "method-not-allowed")
    assert headers["Allow"]


def test_no_answer_is_204(api: Api) -> None:
    status, headers, body = call(api, "DELETE /api/things/{name}", path={"name": "old"})
    assert (status, body) == (204, None)
    assert headers == {"Cache-Control": "no-store"}


def test_a_problem_keeps_its_headers(api: Api) -> None:
    status, headers, body = call(api, "DELETE /api/things/{name}", path={"name": "many"})
    assert (status, body["code"], headers["Retry-After"]) == (429, "too-many-pending", "7")
    assert "errors" not in body


def test_a_problem_has_the_status_of_its_class(api: Api) -> None:
    status, _, body = call(api, "DELETE /api/things/{name}", path={"name": "kept"})
    assert (status, body["code"], body["status"], body["title"]) == (409, "already-ready", 409, "Conflict")


def test_an_unexpected_error_tells_nothing(api: Api, logs: Callable[[], str]) -> None:
    status, _, body = call(api, "DELETE /api/things/{name}", path={"name": "cursed"})
    assert (status, body["code"]) == (500, "internal-error")
    assert "secret" not in json.dumps(body)
    logged = logs()
    assert "secret detail" in logged
    assert '"ServerErrors"' in logged


def test_every_request_is_one_log_line_with_its_correlation_id(api: Api, logs: Callable[[], str]) -> None:
    call(api, "GET /api/things")
    lines = [json.loads(line) for line in logs().splitlines()]
    (request,) = [line for line in lines if line.get("message") == "request"]
    assert request["correlation_id"] == "request-1"
    assert request["route"] == "GET /api/things"
    assert request["status"] == 200
    assert any("_aws" in line for line in lines)


def test_a_scope_is_checked_and_the_handler_gets_the_caller(api: Api) -> None:
    status, headers, body = call(api, "GET /api/mine", token=make_header())
    assert (status, body) == (200, {"subject": "alice", "calls": 0})
    assert headers["Cache-Control"] == "private, no-store"
    assert call(api, "GET /api/mine")[2]["code"] == "token-missing"
    status, headers, body = call(api, "GET /api/mine", token=make_header(scope="read"))
    assert (status, body["code"], headers["Cache-Control"]) == (403, "scope-missing", "no-store")


def test_the_token_is_checked_before_the_request(api: Api) -> None:
    assert call(api, "GET /api/mine", query="unknown=1")[0] == 401
    assert call(api, "GET /api/mine", query="unknown=1", token=make_header())[0] == 400


def picture() -> Image:
    return Image(
        id="0" * 13, name="", description="", tags=[], license="CC0-1.0", credit="", creator="", copyright="",
        usage_terms="", license_url="", place="", title="", camera="", lens="", filled=[], revision=0,
        edited=None, embargo=None, expires=None, width=1, height=1, color="#000000", thumbhash="", created="",
        taken=None, owner="", owner_id="", urls={},  # type: ignore[arg-type]
    )  # fmt: skip


def test_equal_questions_share_one_stored_answer_until_it_expires(api: Api, services: Services) -> None:
    services.images = [picture()]
    for query in ("q=sea", "sort=newest&q=sea", "q=sea&sort="):
        assert call(api, "GET /api/pages/{kind}", {"kind": "a"}, query)[0] == 200
    assert services.calls == 1
    for query in ("q=Sea", "q=sea&sort=best", "q=sea&cursor=", "q=sea&cursor=a"):
        call(api, "GET /api/pages/{kind}", {"kind": "a"}, query)
    call(api, "GET /api/pages/{kind}", {"kind": "b"}, "q=sea")
    assert services.calls == 6
    services.seconds = FRONT_PAGE.function - 0.1
    call(api, "GET /api/pages/{kind}", {"kind": "a"}, "q=sea")
    assert services.calls == 6
    services.seconds = FRONT_PAGE.function
    call(api, "GET /api/pages/{kind}", {"kind": "a"}, "q=sea")
    assert services.calls == 7


def test_empty_pages_and_answers_of_other_policies_are_not_stored(api: Api, services: Services) -> None:
    for _ in range(2):
        assert "ETag" in call(api, "GET /api/pages/{kind}", {"kind": "a"})[1]
    for _ in range(2):
        assert "ETag" not in call(api, "GET /api/one")[1]
    assert services.calls == 4


def test_pages_link_to_their_neighbours_with_the_normalised_question(api: Api) -> None:
    _, headers, _ = call(api, "GET /api/pages/{kind}", {"kind": "a/b"}, "sort=newest&q=sea%26sun&cursor=x")
    assert headers["Link"] == '</api/pages/a%2Fb?cursor=NEXT&q=sea%26sun>; rel="next"'


def test_a_client_that_has_the_answer_is_not_sent_it_again(api: Api) -> None:
    _, first, _ = call(api, "GET /api/suggestions")
    status, headers, body = call(
        api, "GET /api/suggestions", headers={"if-none-match": f'"x", W/{first["ETag"]}'}
    )
    assert (status, body, headers) == (304, None, first)
    assert call(api, "GET /api/suggestions", headers={"if-none-match": '"x"'})[::2] == (200, {"raw": "é"})


def test_answers_of_a_private_library_need_a_token_and_are_stored_nowhere(private: Services) -> None:
    private.images = [picture()]
    api = make_api(private)
    status, headers, body = call(api, "GET /api/one")
    assert (status, body["code"], headers["Cache-Control"]) == (401, "token-missing", "no-store")
    for calls in (1, 2):
        status, headers, _ = call(
            api,
            "GET /api/pages/{kind}",
            {"kind": "a"},
            token=make_header(scope="read"),
            headers={"if-none-match": "*"},
        )
        assert (status, headers["Cache-Control"], private.calls) == (200, "private, no-store", calls)
        assert "ETag" not in headers


def test_what_anyone_may_ask_stays_public_in_a_private_library(private: Services) -> None:
    assert call(make_api(private), "GET /api/things", token="Bearer nonsense")[0] == 200


def test_a_public_library_never_looks_at_tokens(api: Api, services: Services) -> None:
    assert call(api, "GET /api/one", token="Bearer nonsense")[0] == 200
    assert services.keys.reads == []


def test_a_visitor_is_known_by_a_token_and_needs_none_in_a_public_library(api: Api) -> None:
    status, headers, body = call(api, "GET /api/greeting")
    assert (status, body, headers["Cache-Control"]) == (200, {"subject": None}, "private, no-store")
    for scope in ("upload", "read", "other"):
        assert call(api, "GET /api/greeting", token=make_header(scope=scope))[2] == {"subject": "alice"}
    assert call(api, "GET /api/greeting", token="Bearer nonsense")[2]["code"] == "token-invalid"


def test_a_visitor_of_a_private_library_reads_or_uploads(private: Services) -> None:
    api = make_api(private)
    answers = [
        call(api, "GET /api/greeting", token=make_header(scope=scope))[0]
        for scope in ("read", "upload", "admin", "other")
    ]
    assert answers == [200, 200, 200, 403]
    assert call(api, "GET /api/greeting")[2]["code"] == "token-missing"


def test_clients_without_a_token_have_a_limit_each(services: Services) -> None:
    services.settings = Settings(client_rate=1, cdn_secret="proof")
    services.__post_init__()
    api = make_api(services)

    def ask(route: str, viewer: str, **headers: str) -> int:
        sent = {CDN_HEADER: "proof", "x-forwarded-for": f"9.9.9.9, {viewer}, 127.0.0.1"} | headers
        return call(api, route, headers=sent)[0]

    assert [ask("GET /api/one", "1.1.1.1") for _ in range(11)] == [200] * 10 + [429]
    assert ask("GET /api/things", "1.1.1.1") == 429
    assert ask("GET /api/one", "2.2.2.2") == 200
    services.seconds += 1
    assert ask("GET /api/one", "1.1.1.1") == 200


def test_the_apis_own_host_answers_nobody(services: Services) -> None:
    """Neither the cache of the CDN nor a web ACL in front of it can be gone round."""
    services.settings = Settings(cdn_secret="proof")
    api = make_api(services)
    for route, token in (("GET /api/one", ""), ("GET /api/things", ""), ("GET /api/mine", make_header())):
        for given in ("", "forged", "proof "):
            status, _, body = call(api, route, token=token, headers={CDN_HEADER: given})
            assert (status, body["code"]) == (404, "not-found")
        assert call(api, route, token=token)[0] == 404
    # What Chalice itself would refuse, before the adapter sees the request.
    for route in ("POST /api/things", "PUT /api/things"):
        status, headers, body = call(api, route, body="x", headers={"content-type": "text/plain"})
        assert (status, body["code"], "Allow" in headers) == (404, "not-found", False)
    assert services.keys.reads == []
    assert call(api, "GET /api/one", headers={CDN_HEADER: "proof"})[0] == 200


def test_whoever_has_a_token_has_no_limit_by_address(services: Services) -> None:
    services.settings = Settings(client_rate=1, visibility="private")
    services.__post_init__()
    api = make_api(services)
    for route in ("GET /api/mine", "GET /api/one"):
        answers = {call(api, route, token=make_header(scope="read upload"))[0] for _ in range(20)}
        assert answers == {200}
