import re
import socket
import stat
import subprocess
import textwrap
import threading
from pathlib import Path

import pytest

from infra import normalise_query
from infra.declared_routes import list_routes
from local import cdn
from local.layout import Layout
from stockroom.api.client_limits import CDN_HEADER
from tooling import programs
from tooling.errors import ToolError
from tooling.ports import HOST


def render(layout: Layout, *, root: bool = False) -> str:
    return cdn.render(
        layout,
        emulator_port=21234,
        api_id="abc123",
        distribution="d111.cloudfront.net",
        uploads_bucket="uploads-1",
        is_private=False,
        root=root,
    )


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "data", 8123)


def location(text: str, pattern: str) -> str:
    """The body of one location block."""
    found = re.search(rf"location {re.escape(pattern)} {{(.*?)\n    }}", text, re.DOTALL)
    assert found is not None, pattern
    return found.group(1)


def test_it_listens_on_the_loopback_interface_alone(layout: Layout) -> None:
    assert set(re.findall(r"listen (.*);", render(layout))) == {
        "127.0.0.1:8123",
        "127.0.0.1:8123 default_server",
    }


def test_nothing_is_written_outside_the_data_folder(layout: Layout) -> None:
    paths = re.findall(r"(?:_path|pid|error_log|access_log) (/\S+?);?(?:\s|;)", render(layout))
    assert len(paths) == 11
    assert all(Path(path).is_relative_to(layout.data) for path in paths)


def test_requests_for_the_api_have_its_host(layout: Layout) -> None:
    api = location(render(layout), "/api/")
    assert "abc123.execute-api.localhost" in api
    assert 'proxy_cache_key "$request_method $normalised_uri"' in api


def test_queries_are_normalised_as_in_cloudfront(layout: Layout) -> None:
    maps = normalise_query.generate_nginx_maps(list_routes())
    assert textwrap.indent(maps, "  ") in render(layout)


def test_personal_answers_are_never_cached(layout: Layout) -> None:
    text = render(layout)
    pattern = normalise_query.make_nginx_location(normalise_query.list_uncached_patterns(list_routes()))
    assert "proxy_cache" not in location(text, f"~ {pattern}")
    personal = re.compile(pattern)
    assert personal.search("/api/uploads")
    assert personal.search("/api/uploads/tickets")
    assert personal.search("/api/uploads/ABC")
    assert not personal.search("/api/images")
    assert not personal.search("/api/images/ABC")


def test_presigned_requests_keep_the_host_they_were_signed_for(layout: Layout) -> None:
    uploads = location(render(layout), "/uploads-1/")
    assert "set $origin 127.0.0.1:8123;" in uploads
    assert "proxy_cache" not in uploads


def test_workers_of_root_stay_root_to_read_the_data_folder(layout: Layout) -> None:
    assert re.match(r"# .*\nuser root \w+;\n", render(layout, root=True))
    assert "user " not in render(layout)


def test_nginx_accepts_it(layout: Layout) -> None:
    program = programs.require("nginx")
    path = layout.folder("nginx") / "nginx.conf"
    path.write_text(render(layout))
    done = subprocess.run(
        [program, "-t", "-q", "-p", str(path.parent), "-e", str(layout.log("cdn")), "-c", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_stored_answers_can_be_removed(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8123)
    for cache in ("cache", "shield"):
        stored = layout.folder("nginx") / cache / "a" / "bc" / "answer"
        stored.parent.mkdir(parents=True)
        stored.write_text("old")
        cdn.clear_cache(layout)
        cdn.clear_cache(layout)
        assert not stored.exists()
        assert (layout.folder("nginx") / cache).is_dir()


def test_the_functions_are_told_the_clients_own_address_with_a_proof(layout: Layout) -> None:
    text = render(layout)
    # The header is replaced, not added to: a client cannot write anything before its address.
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert f'"origin-shield {cdn.secret(layout)}" $http_x_forwarded_for;' in text
    assert f"proxy_set_header {CDN_HEADER} {cdn.secret(layout)};" in text
    assert cdn.secret(layout) == cdn.secret(layout)
    assert stat.S_IMODE((layout.data / "keys" / "cdn.secret").stat().st_mode) == 0o600


def test_a_port_that_is_about_to_be_free_is_waited_for(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as server:
        layout = Layout(tmp_path, port=server.getsockname()[1])
        with pytest.raises(ToolError, match="is taken by another program"):
            cdn.claim_port(layout)
        closing = threading.Timer(0.2, server.close)
        closing.start()
        cdn.claim_port(layout)
        closing.join()
