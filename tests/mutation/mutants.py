"""A mutant, as it is written to a file between the steps of a run."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

MUTANTS = Path("mutants.json")
"""Of all modules, in the copy of the checkout."""


@dataclass(frozen=True, order=True)
class Change:
    """What a mutant changes: in which function, and the lines before and after."""

    function: str
    before: str
    after: str

    @property
    def is_same_statement(self) -> bool:
        """Whether only letters of an SQL statement are capital or small now, outside of the values in it.

        No server tells them apart.
        """
        words = r"\b(SELECT|INSERT|UPDATE|SET|WHERE|AND|ORDER BY|UNION ALL|INTERVAL|NULL|UTC_TIMESTAMP)\b"
        value = re.compile("'[^']*'")
        return (
            re.search(words, self.before) is not None
            and self.before.casefold() == self.after.casefold()
            and value.findall(self.before) == value.findall(self.after)
        )


@dataclass(frozen=True)
class Mutant:
    """One function of a module with one change, as stockroom.api.auth.x__clean_name__mutmut_3."""

    name: str
    module: str
    change: Change
    type_error: str = ""

    @property
    def is_to_be_tried(self) -> bool:
        """Whether the type check lets the mutant through, and tests may notice it."""
        return not self.type_error and not self.change.is_same_statement

    @property
    def mangled_function(self) -> str:
        """What mutmut calls the function, as stockroom.api.auth.x__clean_name."""
        return self.name.rpartition("__mutmut_")[0]


def write_mutants(path: Path, mutants: Iterable[Mutant]) -> None:
    path.write_text(json.dumps([asdict(mutant) for mutant in mutants], indent=1))


def read_mutants(path: Path) -> list[Mutant]:
    return [
        Mutant(**{**entry, "change": Change(**entry["change"])}) for entry in json.loads(path.read_text())
    ]
