"""What a migration may contain: the functions of the release before run during it, and for minutes after it.

docs/pipeline.md says the same in words.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stockroom.runtime.migrations import migrations, statements
from tooling import ROOT

CHECKSUMS = Path(__file__).with_name("migrations.sha256")
# In the form of `sha256sum`.
LINE = re.compile(r"([0-9a-f]{64})  (\S+)")

NAME = r"[a-z_][a-z0-9_]*"
ADDITIONS = (
    # Older functions insert rows without the column.
    rf"ADD COLUMN {NAME} (?!.*\bNOT NULL\b).*\bNULL",
    rf"ADD COLUMN {NAME} .*\bNOT NULL DEFAULT \S+",
    # A unique key would refuse rows that older functions may write.
    rf"ADD KEY {NAME} \(.*\)",
    # Values that older functions do not write; the test below holds those of before.
    rf"MODIFY COLUMN {NAME} ENUM\(.*\) NOT NULL",
)
WHOLE = (
    rf"CREATE TABLE IF NOT EXISTS {NAME} \(.*\) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    # Repeatable, as a migration that was cut short begins again.
    rf"INSERT INTO {NAME} \(.*\) (SELECT|VALUES) .* ON DUPLICATE KEY UPDATE .*",
    rf"UPDATE {NAME} .*\bSET .*",
    rf"DELETE {NAME} FROM .* WHERE .*",
)


def find_breaches(statement: str) -> list[str]:
    """The parts of a statement that a migration may not have."""
    text = " ".join(statement.split())
    altered = re.fullmatch(rf"ALTER TABLE {NAME} (.*)", text)
    if altered is None:
        return [] if any(re.fullmatch(allowed, text) for allowed in WHOLE) else [text]
    return [
        clause
        for clause in _split_at_commas(altered[1])
        if not any(re.fullmatch(allowed, clause) for allowed in ADDITIONS)
    ]


def _split_at_commas(text: str) -> Iterator[str]:
    """The clauses of ALTER TABLE: commas inside brackets or quotes belong to a clause."""
    for match in re.finditer(r"(?:[^,('\"]|'[^']*'|\([^()]*\))+", text):
        yield match[0].strip()


def test_no_migration_breaks_the_functions_that_still_run() -> None:
    breaches = {
        path.name: found
        for _, path in migrations()
        if (found := [part for each in statements(path.read_text()) for part in find_breaches(each)])
    }
    assert breaches == {}, "older functions would fail: add, and leave what is there (docs/pipeline.md)"


def test_an_enumeration_keeps_the_values_of_before_in_their_order() -> None:
    """A server stores a value as its place, and older functions know the values of before alone."""
    values: dict[str, list[str]] = {}
    for _, path in migrations():
        for name, listed in re.findall(rf"\b({NAME})\s+ENUM\(([^)]*)\)", path.read_text()):
            present = re.findall(r"'(\w+)'", listed)
            before = values.get(name, [])
            assert present[: len(before)] == before, f"{path.name} changes values of {name}"
            values[name] = present
    assert "state" in values


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE image DROP COLUMN tags",
        "ALTER TABLE image ADD COLUMN a INT NULL, DROP COLUMN tags",
        "ALTER TABLE image RENAME COLUMN tags TO labels",
        "ALTER TABLE image CHANGE tags labels TEXT NOT NULL",
        "ALTER TABLE image MODIFY COLUMN name VARCHAR(10) NOT NULL",
        "ALTER TABLE image ADD COLUMN rating INT NOT NULL",
        "ALTER TABLE image ADD COLUMN rating INT",
        "ALTER TABLE image ADD UNIQUE KEY name (name)",
        "ALTER TABLE image ADD CONSTRAINT owner FOREIGN KEY (owner_id) REFERENCES owner (owner_id)",
        "ALTER TABLE image ADD COLUMN kind ENUM('a, b', 'c') NOT NULL",
        "ALTER TABLE image RENAME TO picture",
        "DROP TABLE term",
        "RENAME TABLE term TO word",
        "TRUNCATE TABLE term",
        "CREATE TABLE rating (image_id INT NOT NULL) ENGINE=InnoDB",
        "CREATE UNIQUE INDEX name ON image (name)",
        "INSERT INTO term (term) VALUES ('x')",
        "DELETE FROM posting",
    ],
)
def test_what_a_migration_may_not_contain(statement: str) -> None:
    assert find_breaches(statement) != []


def test_each_clause_is_judged_by_itself() -> None:
    statement = (
        "ALTER TABLE image\n  ADD COLUMN kind ENUM('a, b', 'c') NOT NULL DEFAULT 'c',\n"
        "  ADD COLUMN rating DECIMAL(3, 1) NULL,\n  ADD KEY rating (rating, id)"
    )
    assert find_breaches(statement) == []
    assert find_breaches(f"{statement}, DROP KEY content") == ["DROP KEY content"]


def test_a_migration_is_not_edited_once_it_is_merged() -> None:
    """A database that has it already would never see the change."""
    lines = CHECKSUMS.read_text().splitlines()
    recorded = {match[2]: match[1] for line in lines if (match := LINE.fullmatch(line))}
    assert len(recorded) == len(lines)
    present = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for _, path in migrations()}
    new = sorted(present.keys() - recorded.keys())
    assert not new, f"append the line of `sha256sum {' '.join(new)}` to {CHECKSUMS.relative_to(ROOT)}"
    assert recorded == present, "undo the edit, and write a further migration"


def test_functions_name_the_columns_that_they_read_and_write() -> None:
    """Columns that a migration adds are none of older functions' business, wherever a table has them."""
    unnamed = re.compile(rf"SELECT (\w+\.)?\*|INSERT INTO {NAME} (VALUES|SELECT)")
    sources = [*(ROOT / "stockroom").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    assert [path.name for path in sources if unnamed.search(path.read_text())] == []
