"""What the commands of batch jobs take, which are the same for a stage and for the local stack."""

from collections.abc import Callable

import click

Command = Callable[..., None]


def selecting(command: Command) -> Command:
    """`--where`: which pictures a job is about."""
    return click.option("--where", default="", help="Which pictures: from=… to=… owner=… (all otherwise).")(
        command
    )


def resuming(command: Command) -> Command:
    """`--run`: the run that goes on."""
    return click.option("--run", default="", help="A run that was killed, by its id.")(command)


def limiting(command: Command) -> Command:
    """`--rate`: how fast rows may change. Make gives an empty text where nobody has said."""
    return click.option("--rate", default="", help="Rows that change in a second, at most.")(command)


def choosing_facts(command: Command) -> Command:
    """`--which`: which facts are derived once more."""
    return click.option(
        "--which", default="", help="embedded: what files say; looks: how the pictures look, too."
    )(command)


def trying(command: Command) -> Command:
    """`--dry-run` as `is_dry`."""
    return click.option("--dry-run", "is_dry", is_flag=True, help="Say what would be done.")(command)


def differing(command: Command) -> Command:
    """`--may-differ`: what a rebuild of the index may come to."""
    return click.option(
        "--may-differ", is_flag=True, help="The new index may find other pictures than the old one."
    )(command)


def hand_on(
    *,
    where: str = "",
    run: str = "",
    rate: str = "",
    which: str = "",
    is_dry: bool = False,
    repair: bool = False,
    may_differ: bool = False,
) -> list[str]:
    """The arguments of `python -m jobs JOB`, without those that nobody has given."""
    given = {"--where": where, "--run": run, "--rate": rate, "--which": which}
    switches = {"--dry-run": is_dry, "--repair": repair, "--may-differ": may_differ}
    return [
        *(part for name, value in given.items() if value for part in (name, value)),
        *(name for name, is_on in switches.items() if is_on),
    ]
