"""The upload protocol, played over real sockets: what goes well and everything that may go wrong."""

import hashlib
import json
import os
import threading
import time
from _thread import interrupt_main
from pathlib import Path

import pytest

from stockroom_client import uploader
from stockroom_client.hashcache import HashCache
from stockroom_client.items import Item
from tests.client.conftest import Picture, Run
from tests.client.library import Handler, Library, answer, error, lost_answer, reset


def test_files_become_ready(library: Library, run: Run, picture: Picture) -> None:
    paths = [picture(f"{number}.jpg") for number in range(5)]
    ran = run("upload", *paths)
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["ready"] * 5
    assert lines[5] == "5 ready"
    assert sorted(library.objects.values()) == sorted(path.read_bytes() for path in paths)
    assert len(library.calls("POST", "/api/uploads")) == 1
    assert f"{library.url}/i/" in ran.out


def test_metadata_is_sent(library: Library, run: Run, picture: Picture, tmp_path: Path) -> None:
    picture("sea.jpg")
    captions = tmp_path / "captions.json"
    captions.write_text('[{"file": "sea.jpg", "name": "The sea", "tags": ["blue"]}, {"file": "typo.jpg"}]')
    arguments = ["--tag", "#a", "--tag", "b", "--description", "d", "--license", "CC0-1.0", "--credit", "c"]
    ran = run("upload", tmp_path / "pictures", "--captions", captions, *arguments)
    assert ran.status == 0
    (request,) = library.calls("POST", "/api/uploads")
    assert request["shared"] == {"tags": ["a", "b"], "description": "d", "license": "CC0-1.0", "credit": "c"}
    (file,) = request["files"]
    assert (file["name"], file["tags"], file["type"]) == ("The sea", ["blue"], "image/jpeg")
    assert "typo.jpg" in ran.err


def test_each_file_by_itself(library: Library, run: Run, picture: Picture) -> None:
    library.rejected["bad.jpg"] = {"code": "unknown-license", "detail": "The licence is not known."}
    library.failing["grey.jpg"] = {"code": "truncated", "detail": "The file is cut short."}
    library.add_ready(picture("old.jpg").read_bytes())
    good, bad, grey, old = (picture(name) for name in ("good.jpg", "bad.jpg", "grey.jpg", "old.jpg"))
    ran = run("upload", "--json", good, bad, grey, old, good.parent / "missing.jpg")
    assert ran.status == 1
    assert ran.states() == {
        "good.jpg": "ready",
        "bad.jpg": "failed",
        "grey.jpg": "failed",
        "old.jpg": "duplicate",
        "missing.jpg": "failed",
    }
    details = [file["detail"] for file in ran.json["files"] if file["state"] == "failed"]
    assert details == [
        "The licence is not known.",
        "The file is cut short.",
        "cannot be read: No such file or directory",
    ]
    assert ran.json["counts"] == {"ready": 1, "failed": 3, "duplicate": 1}
    plain = run("upload", bad)
    assert "bad.jpg: The licence is not known." in plain.out


def test_batches_of_a_hundred(library: Library, run: Run, picture: Picture) -> None:
    for number in range(230):
        picture(f"{number:03}.jpg")
    ran = run("upload", picture("last.jpg").parent, "--jobs", "8")
    assert ran.status == 0
    sizes = [len(request["files"]) for request in library.calls("POST", "/api/uploads")]
    assert sum(sizes) == 231
    assert max(sizes) <= 100
    assert len(sizes) <= 6
    # Kept-alive: hundreds of requests over a connection a thread.
    assert len(library.connections) < 20


def test_asking_does_not_wait_for_all_hashes(
    library: Library, run: Run, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploader, "LINGER", 0.01)
    asked = threading.Event()
    known = HashCache.get

    def slow(self: HashCache, path: Path, size: int, mtime_ns: int) -> str | None:
        if path.name == "slow.jpg":
            assert asked.wait(10)
        return known(self, path, size, mtime_ns)

    def note(_: Handler) -> bool:
        asked.set()
        return False

    monkeypatch.setattr(HashCache, "get", slow)
    library.fault("POST /api/uploads", note)
    assert run("upload", picture("slow.jpg"), picture("quick.jpg")).status == 0
    assert [len(request["files"]) for request in library.calls("POST", "/api/uploads")] == [1, 1]


def test_batch_follows_the_servers_limit(library: Library, run: Run, picture: Picture) -> None:
    library.max_files = 2
    ran = run("upload", *(picture(f"{number}.jpg") for number in range(5)))
    assert ran.status == 0
    assert all(len(request["files"]) <= 2 for request in library.calls("POST", "/api/uploads"))


def test_tickets_are_not_hoarded(
    library: Library, run: Run, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploader, "AHEAD", 2)
    library.max_files = 2
    ran = run("upload", "--jobs", "1", *(picture(f"{number}.jpg") for number in range(6)))
    assert ran.status == 0
    asked = sent = 0
    for method, path, _ in library.requests:
        asked += 2 * (method == "POST" and path == "/api/uploads")
        sent += method == "PUT"
        assert asked - sent <= 4


@pytest.mark.parametrize(
    "fault",
    [
        error(409, "ConditionalRequestConflict"),
        error(500, "InternalError"),
        answer(503, Retry_After="0"),
        error(400, "RequestTimeout"),
        reset,
    ],
    ids=["409", "500", "503", "RequestTimeout", "reset"],
)
def test_passing_failures_of_storage(library: Library, run: Run, picture: Picture, fault: object) -> None:
    library.fault("PUT /bucket", fault, fault)  # type: ignore[arg-type]
    ran = run("upload", picture())
    assert ran.status == 0
    assert len(library.objects) == 1


def test_storage_that_never_answers_fails_the_file_only(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket/originals/ID00000000000", *[reset] * 20)
    ran = run("upload", "--json", "--jobs", "1", picture("a.jpg"), picture("b.jpg"))
    assert ran.status == 1
    assert ran.states() == {"a.jpg": "failed", "b.jpg": "ready"}
    assert "127.0.0.1 cannot be reached" in ran.json["files"][0]["detail"]


def test_lost_answer_has_landed(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket", lost_answer)
    ran = run("upload", picture())
    assert ran.status == 0
    assert len(library.puts()) == 2  # the second one heard 412


def test_refused_ticket_is_renewed(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket", error(403, "AccessDenied", "Request has expired"))
    ran = run("upload", picture())
    assert ran.status == 0
    assert library.calls("POST", "/api/uploads/tickets") == [{"ids": ["ID00000000000"]}]


def test_tickets_refused_for_good(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket", *[error(403, "SignatureDoesNotMatch", "It does not match")] * 9)
    ran = run("upload", "--json", picture())
    assert ran.status == 1
    assert ran.json["files"][0]["detail"] == "storage answers: It does not match"
    assert len(library.calls("POST", "/api/uploads/tickets")) == 3


def test_expired_tickets_are_renewed_together(library: Library, run: Run, picture: Picture) -> None:
    library.ticket_seconds = -1

    def recover(_: Handler) -> bool:
        library.ticket_seconds = 900
        return False

    library.fault("POST /api/uploads/tickets", recover)
    ran = run("upload", *(picture(f"{number}.jpg") for number in range(20)))
    assert ran.status == 0
    assert len(library.puts()) == 20  # none was wasted on an expired ticket
    assert len(library.calls("POST", "/api/uploads/tickets")) <= 5


def test_gone_is_posted_again(library: Library, run: Run, picture: Picture) -> None:
    def vanish(handler: Handler) -> bool:
        library.rows.clear()
        return error(403, "AccessDenied")(handler)

    library.fault("PUT /bucket", vanish)
    ran = run("upload", picture())
    assert ran.status == 0
    assert len(library.calls("POST", "/api/uploads")) == 2


def test_reaped_while_waiting_is_posted_again(library: Library, run: Run, picture: Picture) -> None:
    def reap(_: Handler) -> bool:
        library.rows.clear()
        library.objects.clear()
        return False

    library.fault("GET /api/uploads", lambda _: False, reap)  # the first one tries the token
    ran = run("upload", picture())
    assert ran.status == 0
    assert len(library.puts()) == 2


def test_always_gone_is_given_up(library: Library, run: Run, picture: Picture) -> None:
    def vanish(handler: Handler) -> bool:
        library.rows.clear()
        return error(403, "AccessDenied")(handler)

    library.fault("PUT /bucket", *[vanish] * 9)
    ran = run("upload", "--json", picture())
    assert ran.status == 1
    assert ran.json["files"][0]["code"] == "gone"


def test_file_changed_before_it_is_sent(library: Library, run: Run, picture: Picture) -> None:
    first, second = picture("a.jpg", b"same"), picture("b.jpg", b"same")
    changed = []

    def change(handler: Handler) -> bool:
        (file,) = json.loads(handler.read())["files"]
        changed.append(first.with_name(file["name"]))
        changed[0].write_bytes(changed[0].read_bytes() + b"more")
        return False

    library.fault("POST /api/uploads", change)
    ran = run("upload", "--json", first, second)
    assert ran.status == 0
    assert ran.states() == {"a.jpg": "ready", "b.jpg": "ready"}
    # The promise that cannot be kept any more is withdrawn, the twin takes the old content up.
    assert library.calls("DELETE", "/api/uploads/ID00000000000")
    assert set(library.objects.values()) == {first.read_bytes(), second.read_bytes()}
    assert len(library.objects) == 2


def test_file_that_storage_finds_changed(library: Library, run: Run, picture: Picture) -> None:
    path = picture()

    def change(handler: Handler) -> bool:
        path.write_bytes(b"\xff\xd8\xffother")
        return error(400, "InvalidRequest")(handler)

    library.fault("PUT /bucket", change)
    ran = run("upload", path)
    assert ran.status == 0
    assert list(library.objects.values()) == [path.read_bytes()]


def test_wrong_hash_is_remembered_no_longer(
    library: Library, run: Run, picture: Picture, tmp_path: Path
) -> None:
    """A file changed without a new size or time: storage finds out."""
    path = picture()
    status = path.stat()
    HashCache(tmp_path / "cache" / "stockroom" / "hashes").put(
        path, status.st_size, status.st_mtime_ns, "ab" * 32
    )
    assert run("upload", path).status == 0
    assert list(library.objects.values()) == [path.read_bytes()]
    assert run("upload", "--json", path).states() == {"a.jpg": "duplicate"}


def test_storage_that_always_sees_other_content(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket", *[error(400, "BadDigest", "It did not match")] * 9)
    ran = run("upload", "--json", picture())
    assert ran.json["files"][0]["detail"] == "storage answers: It did not match"


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
        path.unlink()
        return error(400, "InvalidRequest")(handler)

    library.fault("PUT /bucket", delete)
    assert run("upload", path).status == 1


def test_storage_refuses_for_good(library: Library, run: Run, picture: Picture) -> None:
    library.fault("PUT /bucket", answer(404, b"not xml"))
    ran = run("upload", "--json", picture())
    assert ran.json["files"][0]["detail"] == "storage answers: 404 Not Found"


def test_same_content_is_sent_once(library: Library, run: Run, picture: Picture) -> None:
    first, second = picture("a.jpg", b"same"), picture("b.jpg", b"same")
    ran = run("upload", "--json", first, second, first)
    assert sorted(ran.states().values()) == ["duplicate", "ready"]
    assert len(library.puts()) == 1
    assert len({file["id"] for file in ran.json["files"]}) == 1


def test_same_content_fails_together(library: Library, run: Run, picture: Picture) -> None:
    first, second = picture("a.jpg", b"same"), picture("b.jpg", b"same")
    library.rejected = {name: {"code": "x", "detail": "No."} for name in ("a.jpg", "b.jpg")}
    ran = run("upload", "--json", first, second)
    assert ran.states() == {"a.jpg": "failed", "b.jpg": "failed"}


def test_api_wakes_up(library: Library, run: Run, picture: Picture) -> None:
    library.fault("POST /api/uploads", answer(503, b"asleep", Retry_After="0"), reset)
    ran = run("upload", picture())
    assert ran.status == 0
    assert "trying again" in ran.err


def test_api_refuses_a_batch(library: Library, run: Run, picture: Picture) -> None:
    def refuse(handler: Handler) -> bool:
        handler.read()
        places = [{"pointer": "/shared/license", "code": "x", "detail": "Not known"}]
        handler.problem(400, "unknown-license", "The request is wrong.", errors=places)
        return True

    library.fault("POST /api/uploads", refuse)
    ran = run("upload", "--json", picture())
    assert ran.status == 1
    assert ran.json["files"][0]["detail"] == "The request is wrong.; /shared/license: Not known"


def test_renewal_refused(library: Library, run: Run, picture: Picture) -> None:
    library.ticket_seconds = -1
    library.fault("POST /api/uploads/tickets", answer(400))
    ran = run("upload", "--json", picture())
    assert ran.json["files"][0]["code"] == "http-400"


@pytest.mark.parametrize("where", ["POST /api/uploads", "GET /api/uploads"])
def test_token_expires_on_the_way(library: Library, run: Run, picture: Picture, where: str) -> None:
    library.fault(where, *([lambda _: False] if where[0] == "G" else []), answer(401))
    library.max_files = 1
    library.looks_until_ready = 10**6
    started = time.monotonic()
    ran = run("upload", "--json", picture("a.jpg"), picture("b.jpg"), picture("c.jpg"))
    assert ran.status == 1
    assert set(ran.states().values()) == {"failed"}
    assert {file["code"] for file in ran.json["files"]} == {"http-401"}
    assert time.monotonic() - started < 10


def test_bad_token_is_said_first(library: Library, run: Run, picture: Picture) -> None:
    ran = run("upload", picture(), token="bad")
    assert ran.status == 1
    assert "The token is not valid: sign in again." in ran.err
    assert not library.calls("POST", "/api/uploads")


def test_no_wait(library: Library, run: Run, picture: Picture) -> None:
    library.looks_until_ready = 10**6
    ran = run("upload", "--no-wait", "--json", picture())
    assert ran.status == 0
    assert ran.states() == {"a.jpg": "uploaded"}


def test_patience_ends(library: Library, run: Run, picture: Picture) -> None:
    library.looks_until_ready = 10**6
    ran = run("upload", "--json", "--patience", "0.1", picture())
    assert ran.status == 1
    assert ran.json["files"][0]["code"] == "no-news"


def test_status_questions_may_fail(library: Library, run: Run, picture: Picture) -> None:
    library.fault("GET /api/uploads", lambda _: False, *[answer(500)] * 4)
    assert run("upload", picture()).status == 0


def test_second_run_continues(
    library: Library, run: Run, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, left = picture("done.jpg"), picture("left.jpg")
    library.fault("PUT /bucket/originals/ID00000000001", *[error(404, "NoSuchBucket")])
    assert run("upload", done, left).status == 1

    def unexpected(*_: object) -> tuple[str, int, int]:
        raise AssertionError("hashed again")

    monkeypatch.setattr("stockroom_client.hashing.hash_file", unexpected)
    ran = run("upload", "--json", done, left)
    assert ran.status == 0
    assert ran.states() == {"done.jpg": "duplicate", "left.jpg": "ready"}


def test_no_cache_writes_nothing(run: Run, picture: Picture, tmp_path: Path) -> None:
    assert run("upload", "--no-cache", picture()).status == 0
    assert not (tmp_path / "cache").exists()


def test_folder_with_nothing(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "notes.txt").write_text("hello")
    ran = run("upload", folder)
    assert (ran.status, ran.out) == (0, "no files; 1 other files passed over\n")


def test_names_are_made_text(library: Library, run: Run, picture: Picture) -> None:
    path = picture(os.fsdecode(b"caf\xe9.jpg"), b"1")
    ran = run("upload", path, picture("cafe\N{COMBINING ACUTE ACCENT}.jpg", b"2"))
    assert ran.status == 0
    (request,) = library.calls("POST", "/api/uploads")
    assert {file["name"] for file in request["files"]} == {"caf\N{REPLACEMENT CHARACTER}.jpg", "café.jpg"}


def test_a_bug_is_not_swallowed(run: Run, picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str | None:
        raise ZeroDivisionError

    monkeypatch.setattr(HashCache, "get", broken)
    with pytest.raises(ZeroDivisionError):
        run("upload", picture())


def test_interrupt_leaves_cleanly(library: Library, run: Run, picture: Picture) -> None:
    released = threading.Event()

    def hold(handler: Handler) -> bool:
        handler.read()
        interrupt_main()
        released.wait(10)
        return reset(handler)

    library.fault("PUT /bucket", hold)
    started = time.monotonic()
    ran = run("upload", picture())
    took = time.monotonic() - started
    released.set()
    assert ran.status == 130
    assert "0 of 1 done. The same command again does the rest." in ran.err
    assert took < 5


def test_request_of_an_item() -> None:
    item = Item(Path("/x/a.jpg"), "a.jpg", {"description": "d"}, size=3, type="image/jpeg")
    item.sha256 = hashlib.sha256(b"abc").hexdigest()
    assert item.request() == {
        "name": "a.jpg",
        "type": "image/jpeg",
        "size": 3,
        "sha256": item.sha256,
        "description": "d",
    }
