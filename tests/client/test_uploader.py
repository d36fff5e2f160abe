"""The upload of many files over real sockets: what goes well and everything that may go wrong."""

import os
import threading
from _thread import interrupt_main

import pytest

from stockroom_client.hashing import HashCache
from stockroom_client.local_file import LocalFile
from tests.client.conftest import Picture, Run
from tests.client.library import Handler, Library, answer, error, reset


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


def test_batches_grow(library: Library, run: Run, picture: Picture) -> None:
    for number in range(74):
        picture(f"{number:03}.jpg")
    ran = run("upload", picture("last.jpg").parent, "--jobs", "8")
    assert ran.status == 0
    sizes = [len(request["files"]) for request in library.calls("POST", "/api/uploads")]
    assert sizes == [10, 20, 40, 5]
    # Kept-alive: hundreds of requests over a connection a thread.
    assert len(library.connections) < 20


def test_requests_do_not_wait_for_all_hashes(
    library: Library, run: Run, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested = threading.Event()
    hash_at_once = HashCache.hash

    def hash_slowly(self: HashCache, file: LocalFile) -> None:
        assert file.path.name == "quick.jpg" or requested.wait(60)
        hash_at_once(self, file)

    def note(_: Handler) -> bool:
        requested.set()
        return False

    monkeypatch.setattr(HashCache, "hash", hash_slowly)
    library.fault("POST /api/uploads", note)
    library.max_files = 1
    ran = run("upload", picture("quick.jpg"), picture("slow.jpg"))
    assert ran.status == 0
    assert [len(request["files"]) for request in library.calls("POST", "/api/uploads")] == [1, 1]


def test_order_is_that_of_the_arguments(library: Library, run: Run, picture: Picture) -> None:
    names = [f"{number * 7 % 30}.jpg" for number in range(30)]
    paths = [
        picture(name, name.encode() * (1 + number * 11 % 30 * 1000)) for number, name in enumerate(names)
    ]
    assert run("upload", *paths).status == 0
    requests = library.calls("POST", "/api/uploads")
    assert len(requests) == 2
    for request in requests:
        positions = [names.index(file["name"]) for file in request["files"]]
        assert positions == sorted(positions)


def test_batch_follows_the_servers_limit(library: Library, run: Run, picture: Picture) -> None:
    library.max_files = 2
    ran = run("upload", *(picture(f"{number}.jpg") for number in range(5)))
    assert ran.status == 0
    assert [len(request["files"]) for request in library.calls("POST", "/api/uploads")] == [2, 2, 1]


def test_tickets_are_not_taken_in_advance(library: Library, run: Run, picture: Picture) -> None:
    library.max_files = 2
    paths = [picture(f"{number}.jpg") for number in range(6)]
    ran = run("upload", "--jobs", "1", *paths)
    assert ran.status == 0
    tickets = sent = 0
    for method, path, _ in library.requests:
        tickets += 2 * (method == "POST" and path == "/api/uploads")
        sent += method == "PUT"
        assert tickets - sent <= 2


def test_expired_tickets_are_renewed_together(library: Library, run: Run, picture: Picture) -> None:
    library.ticket_seconds = -1

    def recover(_: Handler) -> bool:
        library.ticket_seconds = 900
        return False

    library.fault("POST /api/uploads/tickets", recover)
    ran = run("upload", *(picture(f"{number}.jpg") for number in range(20)))
    assert ran.status == 0
    assert len(library.puts()) == 20  # none was wasted on an expired ticket
    assert len(library.calls("POST", "/api/uploads/tickets")) == 1


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


@pytest.mark.parametrize("target", ["POST /api/uploads", "GET /api/uploads"])
def test_token_expires_on_the_way(library: Library, run: Run, picture: Picture, target: str) -> None:
    library.fault(target, *([lambda _: False] if target[0] == "G" else []), answer(401))
    library.max_files = 1
    library.polls_until_ready = 10**6  # It would wait for hours if the refusal did not end it.
    ran = run("upload", "--json", picture("a.jpg"), picture("b.jpg"), picture("c.jpg"))
    assert ran.status == 1
    assert set(ran.states().values()) == {"failed"}
    assert {file["code"] for file in ran.json["files"]} == {"http-401"}


def test_no_wait(library: Library, run: Run, picture: Picture) -> None:
    library.polls_until_ready = 10**6
    ran = run("upload", "--no-wait", "--json", picture())
    assert ran.status == 0
    assert ran.states() == {"a.jpg": "uploaded"}


def test_patience_ends(library: Library, run: Run, picture: Picture) -> None:
    library.polls_until_ready = 10**6
    ran = run("upload", "--json", "--patience", "0.1", picture())
    assert ran.status == 1
    assert ran.json["files"][0]["code"] == "no-news"


def test_status_questions_may_fail(library: Library, run: Run, picture: Picture) -> None:
    library.fault("GET /api/uploads", lambda _: False, *[answer(500)] * 4)
    assert run("upload", picture()).status == 0


def test_second_run_does_the_rest_without_reading(library: Library, run: Run, picture: Picture) -> None:
    done, left = picture("done.jpg"), picture("left.jpg")
    library.fault("PUT /bucket/originals/ID00000000001", error(404, "NoSuchBucket"))
    assert [run("upload", each).status for each in (done, left)] == [0, 1]
    # A hash of this content, whose size and time are the old ones, would not be that of a duplicate.
    status = done.stat()
    done.write_bytes(done.read_bytes()[:-1] + b"!")
    os.utime(done, ns=(status.st_atime_ns, status.st_mtime_ns))
    ran = run("upload", "--json", done, left)
    assert ran.status == 0
    assert ran.states() == {"done.jpg": "duplicate", "left.jpg": "ready"}


def test_a_bug_is_not_swallowed(run: Run, picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(HashCache, "hash", broken)
    with pytest.raises(ZeroDivisionError):
        run("upload", picture())


@pytest.mark.usefixtures("interruptible")
def test_interrupt_leaves_cleanly(
    library: Library, run: Run, picture: Picture, capsys: pytest.CaptureFixture[str]
) -> None:
    released, answered = threading.Event(), threading.Event()
    others = set(threading.enumerate())

    def hold(handler: Handler) -> bool:
        handler.read()
        interrupt_main()
        released.wait(60)
        answered.set()
        return reset(handler)

    library.fault("PUT /bucket", hold)
    ran = run("upload", picture())
    has_waited = answered.is_set()
    released.set()
    assert ran.status == 130
    assert "0 of 1 done. The same command again does the rest." in ran.err
    assert not has_waited, "for the answer"
    for thread in {*threading.enumerate()} - others:
        thread.join(60)
    assert capsys.readouterr().err == ""  # Nobody is told of a retry that nobody waits for.
