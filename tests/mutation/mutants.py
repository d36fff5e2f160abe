"""A mutant, as it is written to a file between the steps of a run."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

MUTANTS = Path("mutants.json")
"""Of all modules, in the copy of the checkout."""


_WORDS = re.compile(
    r"\b(SELECT|DISTINCT|INSERT|UPDATE|DELETE|FROM|JOIN|ON|SET|WHERE|AND|OR|IN|IS|NOT|NULL|ORDER BY|GROUP BY|"
    r"DESC|LIMIT|UNION ALL|UNION|FOR|SKIP LOCKED|FORCE INDEX|PRIMARY|INTERVAL|SECOND|MINUTE|DAY|IF|AS|INTO|"
    r"VALUES|UTC_TIMESTAMP|CASE|WHEN|THEN|END|EXISTS|STRAIGHT_JOIN|DIV|HOUR|MICROSECOND|"
    r"COALESCE|COUNT|GREATEST|MAX|MIN|TIMESTAMP|TIMESTAMPADD|TIMESTAMPDIFF)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, order=True)
class Change:
    """What a mutant changes: in which function, and the lines before and after."""

    function: str
    before: str
    after: str

    @property
    def is_same_statement(self) -> bool:
        """Whether only SQL's own words are written in other letters now. No server tells them apart."""
        before, after = (_WORDS.sub(lambda word: word[0].lower(), text) for text in (self.before, self.after))
        return self._has_statement and before == after

    @property
    def may_be_same_statement(self) -> bool:
        """Whether only letters of an SQL statement are capital or small now, outside of the values in it.

        A server tells those of tables apart, and those of columns not.
        """
        return (
            self._has_statement
            and self.before.casefold() == self.after.casefold()
            and self.before.count("%s") == self.after.count("%s")
            and _list_values(self.before) == _list_values(self.after)
        )

    @property
    def _has_statement(self) -> bool:
        return any(word.isupper() for word in _WORDS.findall(self.before))


def _list_values(statement: str) -> list[str]:
    """The texts in a statement. What Python puts between its parts is none."""
    return [text for text, join in re.findall(r"'([^']*)'(\.join)?", statement) if not join]


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
