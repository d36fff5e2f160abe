"""What an audit of the index reports."""

from typing import Literal

import msgspec
from msgspec import Struct

Kind = Literal[
    "wrong-owner-name",
    "unrecorded-picture",
    "missing-posting",
    "dangling-posting",
    "unrecorded-posting",
    "missing-skip-pointer",
    "dangling-skip-pointer",
    "wrong-df",
    "wrong-df-bucket",
    "dangling-form",
    "unused-term",
    "missing-band",
    "dangling-band",
]
"""What may be wrong:

- wrong-owner-name: the folded name of an owner is not that of the name.
- unrecorded-picture: nobody recorded the terms of a ready picture, which was published before migration 0007.
- missing-posting: a ready picture lacks postings of recorded terms; counted once a picture.
- dangling-posting: the picture of a posting is not ready, or the term is gone.
- unrecorded-posting: a ready picture has a posting of a term that is not recorded.
- missing-skip-pointer, dangling-skip-pointer: the sample of the postings differs from them.
- wrong-df, wrong-df-bucket: counts.
- dangling-form: a surface form whose term is gone.
- unused-term: a term that no picture has, a day old. It is no fault: pictures that were never published, or
  were removed, leave such terms.
- missing-band: a ready picture cannot be found as a near duplicate; counted once a picture.
- dangling-band: a band of a picture that is not ready, or has another hash.
"""

MAX_EXAMPLES = 5
DEFAULT_LIMIT = 20_000
"""About how many postings a page of the audit reads."""


class IndexAudit(Struct, kw_only=True):
    """What one page of an audit has found, by kind.

    `repaired` counts what was put right. `next` continues the audit; it is empty at the end.
    """

    problems: dict[Kind, int] = msgspec.field(default_factory=dict)
    repaired: dict[Kind, int] = msgspec.field(default_factory=dict)
    examples: dict[Kind, list[str]] = msgspec.field(default_factory=dict)
    next: str = ""

    def note(self, kind: Kind, example: str) -> None:
        """Count a problem; the first few are kept as examples."""
        self.problems[kind] = self.problems.get(kind, 0) + 1
        examples = self.examples.setdefault(kind, [])
        if len(examples) < MAX_EXAMPLES:
            examples.append(example)

    def note_repaired(self, kind: Kind, count: int = 1) -> None:
        """Count what was put right."""
        if count:
            self.repaired[kind] = self.repaired.get(kind, 0) + count
