"""The limits of the executor. `python -m bench.executor` measures what each of them is worth."""

from msgspec import Struct

from stockroom.search.index.skip_pointers import STRIDE


class Limits(Struct, frozen=True, kw_only=True):
    """How much a request may read. Another set of limits changes what a search costs, never what it finds."""

    probe_budget: int = 5000
    """Primary-key probes of a scan; half of them when all that is found has to be ranked."""
    scans: int = 6
    """Scans that a request may make, one behind the other, as long as it has found nothing."""
    candidate_probes: int = 25
    """What a candidate costs that the post-filter looks at, in probes."""
    seconds: float = 2.0
    """Time for all statements of a request; the database server ends a statement that exceeds it."""
    post_filter_seconds: float = 1.0
    """Time of a request after which the post-filter looks at no further candidate: texts may be long."""
    union_probes: int = 2
    """What a posting inside a UNION costs besides, in probes: servers sort a UNION in a temporary table."""
    min_sampled: int = 4 * STRIDE
    """From this number of postings on the skip pointers tell where they end; fewer are counted one by one."""
    id_range_margin: int = 4
    """How much longer an estimated id range is than evenly spread pictures would need; 0: no estimates."""
    min_post_filtered: int = 100
    """Candidates that the post-filter looks at for a page; three times the page's size if that is more."""


DEFAULT_LIMITS = Limits()
