"""Up and down: the parts in order, each only as far as it is needed."""

import fcntl
import http.client
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from local import deploy, edge, emulator, keys, lambdas, logs, mariadb, ports, processes, site
from local.errors import StackError
from local.layout import Layout, read_json, write_json
from stockroom.runtime.settings import InvalidSetting, Settings

Say = Callable[[str], None]
# In the order in which they are stopped: nobody asks a part that has gone.
PARTS = (edge, emulator, mariadb)


def up(layout: Layout, say: Say) -> None:
    """Have the whole stack answer at its front door; heals whatever has died. Idempotent."""
    with _alone(layout, say):
        began = time.monotonic()
        _check_settings()
        _claim_port(layout)
        with ThreadPoolExecutor(2) as pool:
            database = pool.submit(mariadb.ensure, layout)
            aws = pool.submit(emulator.ensure, layout)
            if database.result():
                say(f"MariaDB started on port {ports.remembered(layout, mariadb.NAME)}")
            if aws.result():
                say(f"AWS emulator started on port {ports.remembered(layout, emulator.NAME)}")
        keys.ensure(layout)
        first = not layout.outputs()
        if not deploy.is_current(layout):
            say(f"deploying ({'about a minute' if first else 'about 15 s'}; {layout.log('deploy')})")
            deploy.deploy(layout)
            # As one invalidates the distribution: what was stored is of the settings before.
            edge.forget(layout)
        outputs = layout.outputs()
        _migrate_new_database(layout, say, migrated=first)
        s3 = emulator.client(layout, "s3")
        keys.publish(layout, s3, outputs["KeysBucket"])
        if copied := site.publish(layout, s3, outputs["SiteBucket"]):
            say(f"pages published ({copied} files)")
        if edge.ensure(layout):
            say(f"nginx started on port {layout.port}")
        _wait_healthy(layout)
        say(f"up after {time.monotonic() - began:.1f} s: {layout.url}")


def down(layout: Layout, say: Say) -> None:
    """Stop what is ours, gently; what was saved stays in the data folder."""
    with _alone(layout, say):
        stopped = [part.NAME for part in PARTS if part.stop(layout)]
        say(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


def is_up(layout: Layout) -> bool:
    return all(processes.running(layout, part.NAME) for part in PARTS)


def health(layout: Layout) -> tuple[int, str]:
    """Status and body of the deep health check through the front door; status 0 when nobody answers."""
    connection = http.client.HTTPConnection(ports.HOST, layout.port, timeout=30)
    try:
        connection.request("GET", "/api/health?deep=1", headers={"Host": f"localhost:{layout.port}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def _check_settings() -> None:
    """Name a wrong setting here, before a deployment fails because of it."""
    try:
        Settings.from_environment(os.environ)
    except InvalidSetting as error:
        raise StackError(f"{error} (see docs/settings.md)") from None


def _claim_port(layout: Layout) -> None:
    """Fail before anything is started when the front door belongs to another program."""
    if not processes.running(layout, edge.NAME):
        # Workers whose leader was killed still hold the port.
        processes.stop(layout, edge.NAME)
        if not ports.is_free(layout.port):
            raise StackError(f"port {layout.port} is taken by another program: choose one with PORT=…")


def _migrate_new_database(layout: Layout, say: Say, *, migrated: bool) -> None:
    """A database made after the last deployment is empty, and no deployment would notice.

    `migrated`: the deployment that has just ended was the first, so it has done it.
    """
    born = {"database": mariadb.born(layout)}
    record = layout.data / "migrated.json"
    if read_json(record) == born:
        return
    if not migrated:
        say("bringing the new database up to date")
        lambdas.invoke(layout, "MigrateFunction")
    write_json(record, born)


def _wait_healthy(layout: Layout, patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while True:
        status, body = health(layout)
        if status == 200 and _is_ok(body):
            return
        if time.monotonic() > deadline:
            log = layout.log("functions")
            log.write_text("\n".join(logs.Functions(layout, since=time.time() - patience).new()) + "\n")
            raise StackError(
                f"/api/health?deep=1 is not ok after {patience:.0f} s: {status} {body.strip()[:300]}", log=log
            )
        time.sleep(0.2)


def _is_ok(body: str) -> bool:
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("status") == "ok"


@contextmanager
def _alone(layout: Layout, say: Say) -> Iterator[None]:
    """One command at a time changes a data folder; the lock goes with its process."""
    layout.data.mkdir(parents=True, exist_ok=True)
    with (layout.data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another command is at work on {layout.data}: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
