"""The life of a stage, by the operator's commands: from an older release's database to nothing at all.

Every step has tests of its own elsewhere, most of them in tests/operations. Here they follow one another, on
real parts; account.py says which parts are not AWS's.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from infra.page_paths import INDEX
from local import cdn, mariadb, processes
from local import deploy as local_deploy
from operations import publish, smoke
from stockroom.images import ids
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import migrate
from stockroom.runtime.settings import Settings
from tests.integration.api import Person, send
from tests.integration.pictures import fresh_photo
from tests.journey.account import Account, deploy_template, new_account, read_template
from tests.releases import ALL, Rows, present_at

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

OLD = Rows(ALL[-2])
KID = re.compile(r"\bkey (\S+) signs|new signing key (\S+);")


@pytest.fixture
def account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Account]:
    with new_account(tmp_path / "account", monkeypatch, capsys) as account:
        yield account


def test_a_stage_is_deployed_used_restored_upgraded_and_removed(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = _database_settings(account)
    with closing(Database(settings, admin=True)) as admin, present_at(OLD.release):
        # As `restore_from` brings a database back.
        assert migrate(admin, mariadb.DATABASE)[-1] == OLD.release
    with closing(Database(settings)) as db:
        OLD.write(db)
        _deploy(account)
        OLD.store(db, account.stack.s3, _output(account, "UploadsBucket"), _output(account, "ImagesBucket"))
    old_token = _let_people_in(account, monkeypatch)
    account.run("smoke", "--new-picture")
    assert "a picture was uploaded, rendered and found" in account.told
    alice = Person(account.stack, account.run("token", "--sub", "alice"))
    _finish_what_the_older_release_began(account, alice)
    _send_a_dead_letter_back(account, alice)
    _restore(account, alice)
    _upgrade(account, monkeypatch, tmp_path / "page")
    _change_keys(account, old_token)
    _remove(account)


def _deploy(account: Account) -> None:
    account.run("deploy")
    assert "for the first time" in account.told
    assert "page published" in account.told
    account.control("cdn.ensure(layout)")
    with account.stack.database() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT MAX(number) FROM migration")
        assert cursor.fetchall() == ((ALL[-1],),)
    page = send("GET", account.stack.url)
    assert page.headers["cache-control"] == publish.REVALIDATE
    assert send("GET", f"{account.stack.url}{_script(account)}").headers["cache-control"] == publish.IMMUTABLE
    (found,) = _search(account, "berlin wall")
    assert found["id"] == ids.encode(OLD.picture)


def _let_people_in(account: Account, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make and publish the signing key; a token for the smoke test."""
    account.run("keys")
    token = account.run("token", "--sub", smoke.SUBJECT)
    monkeypatch.setenv("STOCKROOM_TOKEN", token)
    return token


def _finish_what_the_older_release_began(account: Account, alice: Person) -> None:
    report = account.read("reap")
    # The upload that has landed was announced when the test stored its original.
    assert (report["purged"], report["forgotten"]) == (1, 1)
    (link, *_) = alice.settled(ids.encode(OLD.landed))["image"]["urls"].values()
    assert send("GET", f"{account.stack.url}{link}").status == 200


def _send_a_dead_letter_back(account: Account, alice: Person) -> None:
    sqs, functions = account.stack.client("sqs"), account.stack.client("lambda")
    queue = _output(account, "QueueUrl")
    name = _output(account, "ResizeFunction")
    (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    (upload,) = alice.upload(fresh_photo())
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    sqs.send_message(QueueUrl=_output(account, "DeadLetterQueueUrl"), MessageBody=message["Body"])
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    assert account.read("redrive") == {"redriven": 1}
    assert alice.settled(upload)["state"] == "ready"


def _restore(account: Account, alice: Person) -> None:
    """Lose the database, and bring an older snapshot of it back."""
    folder, snapshot = (repr(str(account.layout.data / name)) for name in ("mariadb", "snapshot"))
    kept = alice.upload_whole(fresh_photo())
    _wait_until_rendered(account)
    account.control(f"mariadb.stop(layout); shutil.copytree({folder}, {snapshot}); mariadb.ensure(layout)")
    content = fresh_photo()
    lost = alice.upload_whole(content)
    _wait_until_rendered(account)
    account.control(f"mariadb.stop(layout); shutil.rmtree({folder})")
    assert send("GET", f"{account.stack.url}/api/health?deep=1").status == 503
    account.control(f"shutil.move({snapshot}, {folder}); mariadb.ensure(layout)")
    assert alice.settled(kept)["state"] == "ready"
    assert alice.state(lost) is None
    # What came after the snapshot stays, until somebody has a repair delete it on another day.
    report = account.read("audit")
    found = {kind: finding["count"] for kind, finding in report["findings"].items() if finding["count"]}
    assert found == {"original-without-row": 1, "rendition-without-picture": 4}
    assert (report["originals"]["deletable"], report["refused"]) == (0, "")
    (again,) = alice.upload(content)
    assert alice.settled(again)["state"] == "ready"


def _wait_until_rendered(account: Account) -> None:
    """Until no function is at work on a picture, so that the database goes between two of them."""
    with account.stack.database() as connection, connection.cursor() as cursor:

        def is_done() -> bool:
            return not cursor.execute(
                "SELECT 1 FROM image WHERE state = 'pending' OR state = 'ready' AND deadline IS NOT NULL"
            )

        assert processes.wait_until(is_done, 60, interval=0.2)


def _upgrade(account: Account, monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    """Deploy another template and another page."""
    before = _script(account)
    template = read_template(account)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function" and "Environment" in resource["Properties"]:
            resource["Properties"]["Environment"]["Variables"]["STOCKROOM_MAX_FILES"] = "7"
        if resource["Type"] == "AWS::S3::Bucket":
            # As on AWS: the buckets outlive the stack.
            resource["DeletionPolicy"] = "RetainExceptOnCreate"
    shutil.copytree(publish.BUILT, built)
    (built / before[1:]).rename(built / "assets" / "index-next.js")
    page = built / INDEX
    page.write_text(page.read_text().replace(before, "/assets/index-next.js"))
    copy = publish.publish
    with monkeypatch.context() as patch:
        patch.setattr(
            publish, "publish", lambda *arguments, **options: copy(*arguments, built=built, **options)
        )
        deploy_template(account, monkeypatch, template)
    assert "as it should be already" not in account.told
    assert "2 files copied, 0 old ones removed" in account.told
    cdn.clear_cache(account.layout)
    assert _script(account) == "/assets/index-next.js"
    # A tab that shows the page of before still loads what it needs.
    assert send("GET", f"{account.stack.url}{before}").status == 200
    assert send("GET", f"{account.stack.url}/api/config").json["max_files"] == 7
    assert ids.encode(OLD.picture) in {image["id"] for image in _search(account, "wall berlin")}


def _change_keys(account: Account, old_token: str) -> None:
    account.run("keys")
    old_kid = _kid(account)
    account.run("rotate")
    assert _kid(account) != old_kid
    new_token = account.run("token", "--sub", smoke.SUBJECT)
    _start_functions_anew(account)
    assert [_status(account, token) for token in (old_token, new_token)] == [200, 200]
    account.run("withdraw", "--kid", old_kid)
    _start_functions_anew(account)
    assert [_status(account, token) for token in (old_token, new_token)] == [401, 200]


def _start_functions_anew(account: Account) -> None:
    """Those that run go by the key set that they have read, for some minutes."""
    account.control("emulator.save(layout)")


def _remove(account: Account) -> None:
    account.run("remove", "--keep", "nothing", "--confirm", "local")
    stack = account.stack
    with pytest.raises(ClientError, match="does not exist"):
        stack.client("cloudformation").describe_stacks(StackName="Stockroom")
    left = {
        "buckets": [each["Name"] for each in stack.s3.list_buckets()["Buckets"]],
        "functions": stack.client("lambda").list_functions()["Functions"],
        "queues": stack.client("sqs").list_queues().get("QueueUrls", []),
        "topics": stack.client("sns").list_topics()["Topics"],
        "alarms": stack.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "rules": stack.client("events").list_rules()["Rules"],
        "apis": stack.client("apigatewayv2").get_apis()["Items"],
        "logs": [each["logGroupName"] for each in stack.client("logs").describe_log_groups()["logGroups"]],
        "roles": [each["RoleName"] for each in stack.client("iam").list_roles()["Roles"]],
    }
    assert {kind: names for kind, names in left.items() if names} == {"buckets": [local_deploy.ASSET_BUCKET]}


def _database_settings(account: Account) -> Settings:
    """Settings by which the administrator signs in, whether to migrate or as a function does."""
    password = mariadb.password(account.layout)
    return replace(
        Settings.from_environment({}),
        db_port=account.layout.port_of(mariadb.NAME),
        db_user=mariadb.ADMIN,
        db_password=password,
        db_admin_user=mariadb.ADMIN,
        db_admin_password=password,
    )


def _output(account: Account, name: str) -> str:
    return account.layout.outputs()[name]


def _script(account: Account) -> str:
    """The path of the page's own script."""
    (path,) = re.findall(r'src="(/assets/index-[^"]+\.js)"', send("GET", account.stack.url).body.decode())
    return str(path)


def _search(account: Account, text: str) -> list[dict[str, Any]]:
    answer = send("GET", f"{account.stack.url}/api/images?q={text.replace(' ', '%20')}")
    assert answer.status == 200
    images: list[dict[str, Any]] = answer.json["images"]
    return images


def _kid(account: Account) -> str:
    """The key that signs, as the last command has told."""
    match = KID.search(account.told)
    assert match is not None
    return match[1] or match[2]


def _status(account: Account, token: str) -> int:
    return Person(account.stack, token).call("GET", "/api/uploads").status
