"""Starting and stopping a whole stack: its parts in order, each only if it is not as it should be.

No Docker Compose: the laptop needs no Docker, and half of the steps are no containers but a deployment, keys
and the page, each of which is skipped while it is current.
"""

import fcntl
import http.client
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from local import announcing, cdn, deploy, emulator, keys, lambdas, logs, mariadb, processes, rotation
from local.layout import Layout, read_json, write_json
from operations import publish
from stockroom.runtime.settings import InvalidSetting, Settings
from tooling.errors import ToolError
from tooling.ports import HOST

Say = Callable[[str], None]
# The order in which the parts are stopped: each before those that it sends requests to.
PARTS = (cdn, emulator, mariadb, rotation)
HEALTH = "/api/health?deep=1"
HEALTHY_SECONDS = 60
FETCH_KEYS = "FetchKeysFunction"


def up(layout: Layout, say: Say) -> None:
    """Have the whole stack answer at its port; starts again whatever has died. Idempotent."""
    with _locked(layout, say):
        began = time.monotonic()
        _check_settings()
        # Before anything is started.
        cdn.claim_port(layout)
        rotation.ensure(layout)
        with ThreadPoolExecutor(2) as pool:
            database = pool.submit(mariadb.ensure, layout)
            aws = pool.submit(emulator.ensure, layout)
            if database.result():
                say(f"MariaDB started on port {layout.port_of(mariadb.NAME)}")
            if aws.result():
                say(f"AWS emulator started on port {layout.port_of(emulator.NAME)}")
        keys.ensure(layout)
        is_first = not layout.outputs()
        if not deploy.is_current(layout):
            say(f"deploying ({'about a minute' if is_first else 'about 15 s'}; {layout.log('deploy')})")
            deploy.deploy(layout)
            # On AWS the operator invalidates the distribution: stored answers are of the settings before.
            cdn.clear_cache(layout)
        outputs = layout.outputs()
        _migrate_new_database(layout, say, is_migrated=is_first)
        s3 = emulator.client(layout, "s3")
        keys.publish(layout, s3, outputs["KeysBucket"])
        _fetch_issuer_keys(layout, say)
        if copied := publish.publish(s3, outputs["SiteBucket"]).copied:
            say(f"page published ({len(copied)} files)")
        if cdn.ensure(layout):
            say(f"nginx started on port {layout.port}")
        _wait_until_healthy(layout)
        _announce_again(layout, say)
        say(f"up after {time.monotonic() - began:.1f} s: {layout.url}")


def down(layout: Layout, say: Say) -> None:
    """Stop every process of the stack, gently; what was saved stays in the data folder."""
    with _locked(layout, say):
        stopped = [part.NAME for part in PARTS if part.stop(layout)]
        # A version whose parts had other names may have started the stack.
        stopped += [name for name in processes.recorded(layout) if processes.stop(layout, name)]
        say(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


def _check_settings() -> None:
    """Raise ToolError for a wrong setting, before a function fails because of it."""
    try:
        Settings.from_environment(os.environ)
    except InvalidSetting as error:
        raise ToolError(f"{error} (see docs/settings.md)") from None


def _migrate_new_database(layout: Layout, say: Say, *, is_migrated: bool) -> None:
    """Migrate a database that was made after the last deployment, which no deployment would notice.

    `is_migrated`: whether the first deployment has just ended, which has migrated the database.
    """
    data_folder = {"database": mariadb.data_folder_id(layout)}
    record = layout.data / "migrated.json"
    if read_json(record) == data_folder:
        return
    if not is_migrated:
        say("bringing the new database up to date")
        lambdas.invoke(layout, "MigrateFunction")
    write_json(record, data_folder)


def _fetch_issuer_keys(layout: Layout, say: Say) -> None:
    """Have the keys of OpenID providers before the first hour is over; nothing else needs them."""
    if FETCH_KEYS not in layout.outputs():
        return
    try:
        lambdas.invoke(layout, FETCH_KEYS)
    except ToolError as error:
        say(f"nobody signs in at an OpenID provider whose keys are missing: {error}")


def _announce_again(layout: Layout, say: Say) -> None:
    """Make up for the events that the emulator has lost if it was killed."""
    marker = emulator.events_may_be_lost(layout)
    if not marker.exists():
        return
    if count := announcing.announce_waiting(layout):
        say(f"{count} originals announced again")
    marker.unlink()


def _wait_until_healthy(layout: Layout) -> None:
    if processes.wait_until(lambda: not _ailment(layout), HEALTHY_SECONDS, interval=0.2):
        return
    log = layout.log("functions")
    functions = logs.FunctionLogs(layout, since=time.time() - HEALTHY_SECONDS)
    log.write_text("\n".join(functions.new_lines()) + "\n")
    raise ToolError(f"{HEALTH} is not ok after {HEALTHY_SECONDS} s: {_ailment(layout)}", log=log)


def _ailment(layout: Layout) -> str:
    """What the deep health check, asked through nginx, says is wrong; empty when it says ok."""
    connection = http.client.HTTPConnection(HOST, layout.port, timeout=30)
    try:
        connection.request("GET", HEALTH, headers={"Host": f"localhost:{layout.port}"})
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")
        is_ok = answer.status == 200 and json.loads(body).get("status") == "ok"
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    except (ValueError, AttributeError):
        is_ok = False
    finally:
        connection.close()
    return "" if is_ok else f"{answer.status} {body.strip()[:300]}"


@contextmanager
def _locked(layout: Layout, say: Say) -> Iterator[None]:
    """Keeps other commands from changing the data folder; the lock ends with the process that holds it."""
    with (layout.folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another command is at work on {layout.data}: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
