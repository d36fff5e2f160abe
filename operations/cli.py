"""The operator's command line: `python -m operations COMMAND --stage NAME`, as `make` calls it."""

import sys
from collections.abc import Sequence

import click

from infra.stage_file import StageFile, list_stages, read_stage
from operations import deploy as deployment
from operations import remove as removal
from operations.confirmation import WORDS, read_words
from operations.stack import open_session
from tooling.errors import ToolError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    try:
        commands.main(arguments, prog_name="python -m operations", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ToolError as error:
        click.echo(f"\n{error.report()}", err=True)
        return 1
    except (KeyboardInterrupt, click.Abort):
        return 130
    return 0


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


def say(text: str) -> None:
    """Tell the person at the terminal how far a command is; standard output is for its result alone."""
    print(f"» {text}", file=sys.stderr, flush=True)
