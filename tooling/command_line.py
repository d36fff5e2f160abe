"""How a command line of the project is run, and what becomes of its errors."""

from collections.abc import Sequence

import click

from tooling.errors import ToolError


def run_commands(commands: click.Group, name: str, arguments: Sequence[str] | None) -> int:
    """Run the command that `arguments` name (those of the process, if None); returns the exit status."""
    try:
        commands.main(arguments, prog_name=name, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ToolError as error:
        click.echo(f"\n{error.report()}", err=True)
        return 1
    except (KeyboardInterrupt, click.Abort):
        return 130
    return 0
