"""The search index and the table, compared page by page."""

from stockroom.ingest.audit.comparison import Comparison


def compare_index(run: Comparison, after: str, last: str = "") -> str | None:
    """Compare what follows `after` (empty: the beginning); where the next page begins, None at the end.

    With `last`, the comparison ends at this place of the same step. A repair puts counts right, removes
    postings without a picture, and indexes anew what differs.
    """
    page = run.search_index.audit(after, last=last, repair=run.is_repairing)
    if run.is_repairing:
        for kind, count in page.repaired.items():
            run.report.add_repair(kind, count)
    else:
        for kind, count in page.problems.items():
            run.report.add(kind, *page.examples.get(kind, ()), count=count)
    return page.next or None
