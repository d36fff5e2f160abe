"""What storage answers to a PUT, and what becomes of the file."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from stockroom_client.api import Api
from stockroom_client.contract import Ticket
from stockroom_client.failures import Failure
from stockroom_client.local_file import LocalFile
from stockroom_client.storage import put_file
from stockroom_client.transport import open_client
from tests.client.conftest import QUICK, Picture, Run
from tests.client.library import Fault, Handler, Library, answer, error, lost_answer, reset


@pytest.mark.parametrize(
    "fault",
    [
        error(409, "ConditionalRequestConflict"),
        error(500, "InternalError"),
        answer(503, Retry_After="0"),
        error(400, "RequestTimeout"),
        error(400, "IncompleteBody"),
        reset,
    ],
    ids=["409", "500", "503", "RequestTimeout", "IncompleteBody", "reset"],
)
def test_transient_failures_are_retried(library: Library, run: Run, picture: Picture, fault: Fault) -> None:
    library.fault("PUT /bucket", fault, fault)
    ran = run("upload", picture())
    assert ran.status == 0
    assert len(library.objects) == 1
    assert len(library.puts()) == 3
    assert ran.err.count("a.jpg: ") == ran.err.count("trying again in 0 s") == 2


def test_no_answer_fails_the_file_only(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket/originals/ID00000000000", *[reset] * 20)
    ran = run("upload", "--json", "--jobs", "1", picture("a.jpg"), picture("b.jpg"))
    assert ran.status == 1
    assert ran.states() == {"a.jpg": "failed", "b.jpg": "ready"}
    assert "127.0.0.1 cannot be reached" in ran.json["files"][0]["detail"]
    assert ran.json["files"][0]["id"] == "ID00000000000"


def test_lost_answer_has_landed(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket", lost_answer)
    ran = run("upload", picture())
    assert ran.status == 0
    assert len(library.puts()) == 2  # The second one was answered with 412.


def test_storage_refuses_for_good(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket", answer(404, b"not xml"))
    ran = run("upload", "--json", picture())
    assert (ran.json["files"][0]["code"], ran.json["files"][0]["detail"]) == (
        "storage",
        "storage answers: 404 Not Found",
    )
    assert len(library.puts()) == 1


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", None),
        ("DELETE", None),
        ("put", None),
        ("PUT", "http://storage.example/bucket/originals/A?signature=secret"),
        ("PUT", "http://10.0.0.1/"),
        ("PUT", "file:///etc/passwd"),
        ("PUT", "/bucket/originals/A"),
        ("PUT", "http://["),
    ],
)
def test_unsafe_tickets_are_not_obeyed(
    library: Library, run: Run, picture: Picture, method: str, url: str | None
) -> None:
    library.ticket_method, library.ticket_url = method, url
    ran = run("upload", "--json", picture())
    assert ran.status == 1
    (file,) = ran.json["files"]
    assert file["code"] == "unsafe-ticket"
    assert "something else than a PUT over https" in file["detail"]
    assert "secret" not in file["detail"]
    assert {method for method, _, _ in library.requests} == {"GET", "POST"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer x"},
        {"X-Amz-Acl": "public-read"},
        {"Content-Length": "0"},
        {"Host": "internal.example"},
    ],
)
def test_a_ticket_has_the_headers_of_an_upload_and_no_others(
    library: Library, picture: Picture, headers: dict[str, str]
) -> None:
    ticket = Ticket("PUT", f"{library.url}/bucket/x", headers, datetime.now(UTC) + timedelta(hours=1))
    with open_client() as http:
        api = Api(library.url, "", http, QUICK, lambda _: None)
        with pytest.raises(Failure, match="the library asks for") as caught:
            put_file(LocalFile(picture()), ticket, api, lambda _: None)
    assert caught.value.code == "unsafe-ticket"
    assert library.requests == []


def test_a_distant_library_may_not_name_storage_on_this_machine(library: Library, picture: Picture) -> None:
    ticket = Ticket("PUT", f"{library.url}/bucket/x", {}, datetime.now(UTC) + timedelta(hours=1))
    file = LocalFile(picture())
    with open_client() as http:
        api = Api("https://library.example", "", http, QUICK, lambda _: None)
        with pytest.raises(Failure, match="something else than a PUT") as caught:
            put_file(file, ticket, api, lambda _: None)
    assert caught.value.code == "unsafe-ticket"
    assert not library.requests


def test_https_tickets_are_obeyed(library: Library, run: Run, picture: Picture) -> None:
    library.ticket_url = library.url.replace("http:", "https:")
    ran = run("upload", "--json", picture())
    assert ran.json["files"][0]["code"] == "network"  # The fake storage does not speak TLS.


@pytest.mark.parametrize(
    ("status", "code"), [(403, "AccessDenied"), (400, "ExpiredToken")], ids=["403", "ExpiredToken"]
)
def test_refused_ticket_is_renewed(
    library: Library, run: Run, picture: Picture, status: int, code: str
) -> None:
    library.fault("PUT /bucket", error(status, code, "Request has expired"))
    ran = run("upload", picture())
    assert ran.status == 0
    assert library.calls("POST", "/api/uploads/tickets") == [{"ids": ["ID00000000000"]}]


def test_tickets_refused_for_good(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket", *[error(403, "SignatureDoesNotMatch", "It does &lt;not&gt; match")] * 9)
    ran = run("upload", "--json", picture())
    assert ran.status == 1
    assert ran.json["files"][0]["detail"] == "storage answers: It does <not> match"
    assert len(library.calls("POST", "/api/uploads/tickets")) == 3


def test_file_changed_before_it_is_sent(library: Library, run: Run, picture: Picture) -> None:
    first, second = picture("a.jpg", b"same"), picture("b.jpg", b"same")

    def change(handler: Handler) -> bool:
        (file,) = json.loads(handler.read())["files"]
        path = first.with_name(file["name"])
        path.write_bytes(path.read_bytes() + b"more")
        return False

    library.fault("POST /api/uploads", change)
    ran = run("upload", "--json", first, second)
    assert ran.status == 0
    assert ran.states() == {"a.jpg": "ready", "b.jpg": "ready"}
    # The upload of content that is gone is cancelled, and the other file uploads the old content.
    assert library.calls("DELETE", "/api/uploads/ID00000000000")
    assert set(library.objects.values()) == {first.read_bytes(), second.read_bytes()}
    assert len(library.objects) == 2


def test_file_cut_short_while_it_is_sent(library: Library, run: Run, picture: Picture) -> None:
    library.max_bytes = 50_000_000
    path = picture("large.jpg", b"x" * 30_000_000)  # more than fits into the buffers of a socket

    def cut(_: Handler) -> bool:
        path.write_bytes(path.read_bytes()[:100_000])
        return False

    library.fault("PUT /bucket", cut)
    assert run("upload", path).status == 0
    assert [len(content) for content in library.objects.values()] == [100_000]


def test_file_that_storage_finds_changed(library: Library, run: Run, picture: Picture) -> None:
    path = picture()

    def change(handler: Handler) -> bool:
        handler.read()
        path.write_bytes(b"\xff\xd8\xffother")
        return error(400, "InvalidRequest")(handler)

    library.fault("PUT /bucket", change)
    ran = run("upload", path)
    assert ran.status == 0
    assert list(library.objects.values()) == [path.read_bytes()]


def test_wrong_hash_is_forgotten(library: Library, run: Run, picture: Picture) -> None:
    """The file was changed and has kept its size and time: storage finds out."""
    path = picture()
    library.fault("PUT /bucket", error(404, "NoSuchBucket"))
    assert run("upload", path).status == 1
    status = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert run("upload", path).status == 0
    assert list(library.objects.values()) == [path.read_bytes()]
    assert run("upload", "--json", path).states() == {"a.jpg": "duplicate"}


def test_storage_that_always_sees_other_content(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket", *[error(400, "BadDigest", "It did not match")] * 9)
    ran = run("upload", "--json", picture())
    assert ran.json["files"][0]["detail"] == "storage answers: It did not match"
    assert len(library.puts()) == 3


def test_file_that_keeps_changing(library: Library, run: Run, picture: Picture) -> None:
    path = picture()

    def change(_: Handler) -> bool:
        path.write_bytes(path.read_bytes() + b"more")
        return False

    library.fault("POST /api/uploads", *[change] * 9)
    library.fault("DELETE /api/uploads", answer(404))
    ran = run("upload", "--json", path)
    assert ran.status == 1
    assert "changed by another program" in ran.json["files"][0]["detail"]


def test_file_deleted_meanwhile(library: Library, run: Run, picture: Picture) -> None:
    path = picture()

    def delete(_: Handler) -> bool:
        path.unlink()
        return False

    library.fault("POST /api/uploads", delete)
    ran = run("upload", "--json", path)
    assert ran.status == 1
    assert ran.json["files"][0]["detail"] == "cannot be read: No such file or directory"


def test_file_deleted_while_storage_refuses(library: Library, run: Run, picture: Picture) -> None:
    path = picture()

    def delete(handler: Handler) -> bool:
        handler.read()
        path.unlink()
        return error(400, "InvalidRequest")(handler)

    library.fault("PUT /bucket", delete)
    assert run("upload", path).status == 1
