"""Writes mutants into a copy of the checkout: `python -m tests.mutation.generating MODULE…`, in the copy.

Each module is replaced by one that has all of its mutants beside the functions, with mutmut's trampolines,
which choose one of them when the function is called. MUTANTS lists the mutants, and why the type check
refuses one.
"""

import difflib
import json
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mutmut.mutation.data import LineSpan
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

from tests.mutation.mutants import MUTANTS, Change, Mutant, write_mutants

# mutmut writes comments that no type check of ours needs, and attributes into several copies of __init__.
TYPE_CHECK = (
    *(sys.executable, "-m", "mypy", "--output", "json"),
    *("--no-warn-unused-ignores", "--disable-error-code", "no-redef"),
)


def generate(modules: Sequence[str], type_check: Sequence[str]) -> list[Mutant]:
    """Write the mutants of these modules into them. Raises RuntimeError when the type check does not run."""
    spans: dict[str, dict[str, LineSpan]] = {}
    mutants = []
    for module in modules:
        path = Path(module)
        mutated = mutate_file_contents(module, path.read_text())
        path.write_text(mutated.code)
        spans[module] = dict(mutated.line_span_by_function_name)
        lines = mutated.code.splitlines()
        if not mutated.mutant_names:
            raise RuntimeError(f"mutmut finds nothing to change in {module}")
        mutants += [
            Mutant(get_mutant_name(path, name), module, _find_change(name, spans[module], lines))
            for name in mutated.mutant_names
        ]
    errors = dict(_find_type_errors(modules, spans, type_check)) if type_check else {}
    return [replace(mutant, type_error=errors.get(mutant.name, "")) for mutant in mutants]


def _find_change(name: str, spans: dict[str, LineSpan], lines: Sequence[str]) -> Change:
    mangled, _, _ = name.rpartition("__mutmut_")
    # As in x__clean_name and xǁCallerǁrequire.
    function = mangled[2:].replace("ǁ", ".")

    def lines_of(generated: str) -> list[str]:
        span = spans[generated]
        text = textwrap.dedent("\n".join(lines[span.start - 1 : span.end])).strip()
        return text.replace(generated, function.rpartition(".")[2], 1).splitlines()

    before, after = lines_of(f"{mangled}__mutmut_orig"), lines_of(name)
    changed = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
    removed, added = (
        " ".join(line[1:].strip() for line in changed if line.startswith(sign)) for sign in "-+"
    )
    return Change(function, removed, added)


def _find_type_errors(
    modules: Sequence[str], spans: dict[str, dict[str, LineSpan]], command: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The mutants that the type check refuses, each with what it says."""
    done = subprocess.run([*command, *modules], capture_output=True, text=True, check=False)
    # Without errors mypy ends with 0, and with errors with 1.
    if done.returncode not in {0, 1}:
        raise RuntimeError(f"the type check ended with status {done.returncode}: {done.stderr}")
    for line in done.stdout.splitlines():
        if not line.strip():
            continue
        diagnostic = json.loads(line)
        if diagnostic["severity"] != "error":
            continue
        file, number = diagnostic["file"], diagnostic["line"]
        found = [
            name
            for name, span in spans.get(file, {}).items()
            if span.start <= number <= span.end and not name.endswith("__mutmut_orig")
        ]
        if not found:
            raise RuntimeError(f"a type error outside of the mutants: {line}")
        yield get_mutant_name(Path(file), found[0]), diagnostic["message"]


def main(modules: Iterable[str]) -> None:
    write_mutants(MUTANTS, generate(list(modules), TYPE_CHECK))


if __name__ == "__main__":
    main(sys.argv[1:])
