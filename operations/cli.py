"""The operator's command line: `python -m operations COMMAND --stage NAME`, as `make` calls it."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infra.stage_file import StageFile, list_stages, read_stage
from operations import deploy as deployment
from operations import job_options, pipeline
from operations import redrive as dead_letters
from operations import remove as removal
from operations.archive import options as archive_options
from operations.audit_summary import summarise
from operations.confirmation import WORDS, read_words
from operations.functions import invoke
from operations.keys.bucket import read_token_id
from operations.keys.stage import StageKeys
from operations.keys.tokens import MAX_DAYS
from operations.picture_log import find_lines
from operations.retry import retry
from operations.stack import explained, open_session, read_outputs
from operations.takedown import read_log, take_down
from tooling.command_line import run_commands
from tooling.errors import ToolError

# What only one command needs is imported by this command: the others would wait for it.
if TYPE_CHECKING:
    from operations.archive.library import Library

QUIET_SECONDS = 240
"""For how long the audit works before it answers.

Nothing comes on the connection meanwhile, and networks forget such a one: NAT gateways of AWS after 350 s.
The probes of PATIENT (operations/functions.py) are the operating system's, and begin after two hours.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    return run_commands(commands, "python -m operations", arguments)


class _StageName(click.ParamType[StageFile]):
    """The name of a stage, which becomes what its file says."""

    name = "stage"

    def convert(
        self, value: object, _parameter: click.Parameter | None, _context: click.Context | None
    ) -> StageFile:
        if isinstance(value, StageFile):
            return value
        if not value:
            raise ToolError(f"which stage? Give STAGE=: {', '.join(list_stages())}")
        return read_stage(str(value))


of_stage = click.option("--stage", type=_StageName(), default="", help="A file of stages/, without .toml.")


@click.group()
def commands() -> None:
    """Commands against a stage on AWS."""


@commands.command()
@of_stage
def synth(stage: StageFile) -> None:
    """Write the CloudFormation template into cdk.out."""
    deployment.synthesise(stage)
    say(f"the file of {stage.name} is in order; its template is cdk.out/Stockroom.template.json")


@commands.command()
@of_stage
def diff(stage: StageFile) -> None:
    """Print what a deployment would change."""
    deployment.show_differences(stage)


@commands.command()
@of_stage
def bootstrap(stage: StageFile) -> None:
    """Prepare account and region for deployments, once."""
    deployment.bootstrap(stage)


@commands.command()
@of_stage
@click.option("--confirm", default="", help=f"What may change, of: {', '.join(WORDS)}.")
def deploy(stage: StageFile, confirm: str) -> None:
    """Deploy the stack, then publish the page."""
    deployment.deploy(stage, read_words(confirm), say)


@commands.command()
@of_stage
def publish(stage: StageFile) -> None:
    """Publish the page alone."""
    deployment.publish_page(stage, open_session(stage), say)


@commands.command()
@of_stage
@click.option("--keep", default="", help="What is left: archive, or nothing.")
@click.option("--confirm", default="", help="The stage's name again, where nothing is to be left.")
def remove(stage: StageFile, keep: str, confirm: str) -> None:
    """Delete the stack, and by choice all data."""
    removal.remove(stage, keep, confirm, say)


@commands.command()
@of_stage
def reap(stage: StageFile) -> None:
    """Run the reaper once, now, and print what it did."""
    click.echo(json.dumps(invoke(stage, open_session(stage), "ReaperFunction"), indent=2))


@commands.command()
@of_stage
@click.option("--repair", is_flag=True, help="Also put right what can be.")
@click.option(
    "--spark", is_flag=True, help="As a batch job, for an archive that is too large for a function."
)
@job_options.resuming
def audit(stage: StageFile, repair: bool, spark: bool, run: str) -> None:
    """Compare buckets and table, and print what is wrong."""
    if spark:
        _run_job(stage, "audit", repair=repair, run=run)
        return
    if run:
        raise ToolError("RUN= is the run of a job: give SPARK=1 with it")
    session = open_session(stage)
    report: dict[str, Any] = {"finished": False}
    while not report["finished"]:
        report = invoke(stage, session, "AuditFunction", {"repair": repair, "seconds": QUIET_SECONDS})
    click.echo(json.dumps(report, indent=2))
    say(summarise(report))
    if report["refused"]:
        raise ToolError(str(report["refused"]))


@commands.command()
@of_stage
@job_options.selecting
@job_options.resuming
@job_options.limiting
@job_options.trying
def rerender(stage: StageFile, where: str, run: str, rate: str, is_dry: bool) -> None:
    """Make the renditions of older pictures anew."""
    _run_job(stage, "rerender", where=where, run=run, rate=rate, is_dry=is_dry)


@commands.command("rerender-cleanup")
@of_stage
@job_options.resuming
@job_options.trying
def clean_up(stage: StageFile, run: str, is_dry: bool) -> None:
    """Delete the renditions that a run has replaced."""
    _run_job(stage, "cleanup", run=run, is_dry=is_dry)


@commands.command()
@of_stage
@job_options.differing
def reindex(stage: StageFile, may_differ: bool) -> None:
    """Build the search index anew, and put it in place of the old one."""
    _run_job(stage, "reindex", may_differ=may_differ)


@commands.command()
@of_stage
@job_options.selecting
@job_options.choosing_facts
@job_options.resuming
@job_options.limiting
@job_options.trying
def facts(stage: StageFile, **given: Any) -> None:
    """Derive once more what is known of pictures from their files."""
    _run_job(stage, "facts", **given)


@commands.command("check-jobs")
@of_stage
def check_jobs(stage: StageFile) -> None:
    """Have workers try everything that jobs need."""
    _run_job(stage, "check")


@commands.command("stop-job")
@of_stage
@click.option("--job", default="", help="The job, such as rerender.")
def stop_job(stage: StageFile, job: str) -> None:
    """Stop a batch job; it can be started again, and goes on."""
    from operations import jobs

    say(jobs.stop_job(stage, open_session(stage), job))


@commands.command()
@of_stage
@archive_options.question
def ask(stage: StageFile, question: str, picture: str) -> None:
    """Print the answer of the database to a question."""
    answer = invoke(stage, open_session(stage), "AuditFunction", archive_options.event(question, picture))
    click.echo(json.dumps(answer["rows"], indent=2, ensure_ascii=False))


@commands.command("export")
@of_stage
@archive_options.export
def export_library(stage: StageFile, folder: Path, prune: bool) -> None:
    """Write every original, what is said about it, and checksums into a folder."""
    from operations.archive.export import export

    export(_open_library(stage), folder, say, prune=prune)


@commands.command("import")
@of_stage
@archive_options.importing
def import_library(stage: StageFile, folder: Path, map_file: str, sub: str, partial: bool) -> None:
    """Upload the pictures of an export."""
    from operations.archive.importing import import_export

    import_export(_open_library(stage), folder, say, map_file=map_file, subject=sub, is_partial=partial)


@commands.command("adopt")
@of_stage
@archive_options.adopting
def adopt_collection(stage: StageFile, source: str, captions: str, sub: str, journal: str) -> None:
    """Upload a folder, or the objects of a bucket."""
    from operations.archive.adopt import adopt

    library = _open_library(stage)
    adopt(library, source, say, captions=captions, subject=sub, journal=journal)


@commands.command("retry")
@of_stage
@click.option("--ids", default="", help="Failed uploads, their ids separated by commas.")
@click.option("--code", default="", help="All uploads that failed for this reason.")
def retry_uploads(stage: StageFile, ids: str, code: str) -> None:
    """Have failed uploads processed again: some, those with one reason, or all."""
    keys = StageKeys.open(stage)
    token = keys.make_token(subject="operator", scopes="admin", days=1 / 24, name="")
    states = retry(keys.outputs["SiteUrl"], token, ids=ids.replace(",", " ").split(), code=code)
    if not states:
        say("no upload has failed" + (f" with the code {code}" if code else ""))
    click.echo(json.dumps(states, indent=2))


@commands.command("takedown")
@of_stage
@click.option("--ids", default="", help="Pictures, their ids separated by commas.")
@click.option("--reason", default="", help="Why; the log keeps it.")
@click.option("--same-content", is_flag=True, help="Also whatever else has the same content.")
def take_pictures_down(stage: StageFile, ids: str, reason: str, same_content: bool) -> None:
    """Delete pictures at once and for good, and refuse their contents from now on."""
    keys = StageKeys.open(stage)
    token = keys.make_token(subject="operator", scopes="admin", days=1 / 24, name="")
    listed = ids.replace(",", " ").split()
    answers = take_down(keys.outputs["SiteUrl"], token, ids=listed, reason=reason, same_content=same_content)
    click.echo(json.dumps(answers, indent=2))


@commands.command("log")
@of_stage
@click.option("--id", "image_id", default="", help="Only what is about this picture.")
def print_log(stage: StageFile, image_id: str) -> None:
    """Print the change log, the newest entries first, as lines of JSON."""
    keys = StageKeys.open(stage)
    token = keys.make_token(subject="operator", scopes="admin", days=1 / 24, name="")
    for entry in read_log(keys.outputs["SiteUrl"], token, image=image_id):
        click.echo(json.dumps(entry, ensure_ascii=False))


@commands.command()
@of_stage
def redrive(stage: StageFile) -> None:
    """Send dead letters back to their queue."""
    session = open_session(stage)
    outputs = read_outputs(stage, session)
    with explained():
        count = dead_letters.redrive(
            session.client("sqs"), outputs["DeadLetterQueueUrl"], outputs["QueueUrl"]
        )
    click.echo(json.dumps({"redriven": count}, indent=2))


@commands.command("logs")
@of_stage
@click.option("--id", "image_id", default="", help="The picture's id.")
def show_logs(stage: StageFile, image_id: str) -> None:
    """Print what the functions have logged about one picture."""
    session = open_session(stage)
    with explained():
        lines = find_lines(session.client("logs"), stage.stack_name, image_id)
    if not lines:
        say(f"no function has logged anything about {image_id}, or the lines are older than three months")
    for line in lines:
        click.echo(line)


@commands.command("keys")
@of_stage
def ensure_keys(stage: StageFile) -> None:
    """Have a signing key, and publish its public half and a deny-list."""
    for line in StageKeys.open(stage).ensure():
        say(line)


@commands.command()
@of_stage
@click.option("--sub", default="", help="Who it is for.")
@click.option("--scopes", default="read upload", help="What it allows: read, upload, admin.")
@click.option("--days", type=float, default=1, help=f"Its lifetime, at most {MAX_DAYS}.")
@click.option("--name", default="", help="How others see its holder (otherwise by a pseudonym).")
def token(stage: StageFile, sub: str, scopes: str, days: float, name: str) -> None:
    """Print a sign-in token."""
    made = StageKeys.open(stage).make_token(subject=sub, scopes=scopes, days=days, name=name)
    say(f"the token's id, by which it can be revoked: {read_token_id(made)}")
    click.echo(made)


@commands.command()
@of_stage
def rotate(stage: StageFile) -> None:
    """Make a new signing key; tokens of the old one stay valid until they expire."""
    say(f"new signing key {StageKeys.open(stage).rotate()}; tokens of the old one stay valid")


@commands.command()
@of_stage
@click.option("--kid", default="", help="The key's id.")
def withdraw(stage: StageFile, kid: str) -> None:
    """Accept no token of a signing key any more."""
    StageKeys.open(stage).withdraw(kid)
    say(f"the key {kid} is withdrawn within ten minutes; `make keys` makes another if none is left")


@commands.command()
@of_stage
@click.option("--jti", default="", help="A token, or its id.")
@click.option("--sub", default="", help="All tokens of this person, also later ones.")
@click.option("--issuer", default="", help="The issuer of the person's tokens (otherwise the operator).")
def revoke(stage: StageFile, jti: str, sub: str, issuer: str) -> None:
    """Put a token, or a person, on the deny-list."""
    say(f"{StageKeys.open(stage).revoke(jti=jti, named_issuer=issuer, subject=sub)}, within ten minutes")


@commands.command()
@of_stage
@click.option("--token", envvar="STOCKROOM_TOKEN", default="", help="Without one, no upload is tried.")
@click.option("--new-picture", is_flag=True, help="Upload a picture that the library does not have.")
def smoke(stage: StageFile, token: str, new_picture: bool) -> None:
    """Try the page, the API, and the whole way of a picture."""
    # The library's command line has a path of its own, which `make smoke` adds.
    from operations.smoke import smoke as run

    run(read_outputs(stage, open_session(stage))["SiteUrl"], token, say, is_new=new_picture)


@commands.command("check-token")
@click.option("--token", envvar="STOCKROOM_TOKEN", default="", help="Better in the environment.")
def check_token(token: str) -> None:
    """Say until when the token of a smoke test is valid."""
    from operations.smoke import check_token as check

    say(check(token, time.time()))


@commands.command("pipeline-roles")
@of_stage
@click.option("--repository", default="", help="OWNER@ID/NAME@ID at GitHub, or OWNER/NAME.")
@click.option("--provider", default="", help="The ARN of GitHub's identity provider, if the account has it.")
def pipeline_roles(stage: StageFile, repository: str, provider: str) -> None:
    """Deploy the roles by which workflows of a repository deploy the stage."""
    pipeline.deploy_roles(stage, repository, provider)


@commands.command("go-back")
@of_stage
@click.option("--commit", default="", help="The commit that was deployed before.")
def go_back(stage: StageFile, commit: str) -> None:
    """Deploy an older commit, if it can undo what was changed since."""
    pipeline.go_back(stage, commit, say)


def _run_job(stage: StageFile, job: str, **given: Any) -> None:
    from operations import jobs

    click.echo(jobs.run_job(stage, open_session(stage), job, job_options.hand_on(**given), say), nl=False)


def _open_library(stage: StageFile) -> "Library":
    from operations.archive.library import Library

    keys = StageKeys.open(stage)
    return Library(
        site=keys.outputs["SiteUrl"],
        s3=keys.session.client("s3"),
        uploads_bucket=keys.outputs["UploadsBucket"],
        ask=lambda event: invoke(stage, keys.session, "AuditFunction", event),
        make_token=lambda subject, name: keys.make_token(subject=subject, scopes="upload", days=1, name=name),
    )


def say(text: str) -> None:
    """Tell the person at the terminal how far a command is; standard output is for its result alone."""
    print(f"» {text}", file=sys.stderr, flush=True)
