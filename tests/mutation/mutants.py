"""A mutant, as it is written to a file between the steps of a run."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tooling import ROOT

MUTANTS = Path("mutants.json")
"""Of all modules, in the copy of the checkout."""


_WORDS = re.compile(
    r"\b(SELECT|DISTINCT|INSERT|UPDATE|DELETE|FROM|JOIN|ON|SET|WHERE|AND|OR|IN|IS|NOT|NULL|ORDER BY|GROUP BY|"
    r"DESC|LIMIT|UNION ALL|UNION|FOR|SKIP LOCKED|FORCE INDEX|PRIMARY|INTERVAL|SECOND|MINUTE|DAY|IF|AS|INTO|"
    r"VALUES|UTC_TIMESTAMP|CASE|WHEN|THEN|END|EXISTS|STRAIGHT_JOIN|DIV|HOUR|MICROSECOND|"
    r"COALESCE|COUNT|GREATEST|MAX|MIN|TIMESTAMP|TIMESTAMPADD|TIMESTAMPDIFF)\b",
    re.IGNORECASE,
)
_MIGRATIONS = "\n".join(
    path.read_text() for path in sorted((ROOT / "stockroom/runtime/migrations").glob("*.sql"))
)
_COLUMNS = frozenset(
    re.findall(
        r"(?:^ +|ADD COLUMN )([a-z_0-9]+) +(?:[A-Z]*INT|(?:VAR)?(?:CHAR|BINARY)|[A-Z]*TEXT|DATETIME|ENUM)\b",
        _MIGRATIONS,
        re.MULTILINE,
    )
) - frozenset(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", _MIGRATIONS))
"""Names of columns that are no names of tables."""
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, order=True)
class Change:
    """What a mutant changes: in which function, and the lines before and after."""

    function: str
    before: str
    after: str

    @property
    def is_same_statement(self) -> bool:
        """Whether SQL's own words, and columns in a statement, are written in other letters now, and no more.

        No server tells them apart.
        """
        before, after = _LITERAL.findall(self.before), _LITERAL.findall(self.after)
        return (
            self._has_statement
            and _LITERAL.sub("", self.before) == _LITERAL.sub("", self.after)
            and len(before) == len(after)
            and all(map(_is_same, before, after))
        )

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


def _is_same(before: str, after: str) -> bool:
    """Whether two texts are the same, or are parts of one statement."""
    if before == after:
        return True
    has_words = any(word.isupper() for word in _WORDS.findall(before))
    one, other = (_WORDS.sub(lambda word: word[0].lower(), text) for text in (before, after))
    return has_words and _list_values(one) == _list_values(other) and _fold(one) == _fold(other)


def _fold(statement: str) -> str:
    """The statement with the names of columns in small letters."""
    return re.sub(r"\w+", lambda word: word[0].lower() if word[0].lower() in _COLUMNS else word[0], statement)


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
