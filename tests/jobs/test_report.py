"""The page at the end of a run: self-contained, without a script, and harmless whatever a failure says."""

from html.parser import HTMLParser

from jobs import report
from jobs.progress import Progress
from jobs.summary import Summary
from stockroom.images import ids
from tests.jobs.test_summary import BEGIN, Result

PROGRESS = Progress(job="rerender", run_id="run", total=50, committed=3, is_finished=True)
VOID = {"meta"}


class Reader(HTMLParser):
    """The elements of a page; fails where they are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.texts.append(data)


def write(*results: Result, parameters: str = "", progress: Progress = PROGRESS) -> tuple[Reader, str]:
    summary = Summary("rerender", "run", parameters)
    for result in results:
        summary.add(result)
    page = report.write(summary, progress)
    return Reader(page), page


def test_page_has_the_figures() -> None:
    page, _ = write(
        Result(),
        Result(outcome="present"),
        Result(outcome="skipped"),
        Result(outcome="failed", code="truncated", detail="The file ends early.", image_id=77),
    )
    figures = page.texts[page.texts.index("done") :][:12]
    assert dict(zip(figures[::2], figures[1::2], strict=True)) == {
        "done": "2",
        "failed": "1",
        "skipped": "1",
        "rows changed": "3",
        "pictures a second": "4.0",
        "read": "4.0 MB",
    }
    assert page.texts.count("truncated") == 3  # the bar, the table and the list
    assert ids.encode(77) in page.texts
    assert " The file ends early." in page.texts
    plots = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert [attributes["role"] for attributes in plots] == ["img"] * 3
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))


def test_page_needs_nothing_and_runs_nothing() -> None:
    evil = '</td><script>alert(1)</script><img src=x onerror="alert(2)">'
    results = [Result(outcome="failed", code=evil, detail=evil), Result()]
    page, text = write(*results, parameters=evil)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "object", "a"}
    assert not {name for _, attributes in page.elements for name in attributes} & {"src", "href", "onerror"}
    assert "url(" not in text
    assert "@import" not in text
    policies = [of["content"] for tag, of in page.elements if tag == "meta" and "http-equiv" in of]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_page_of_a_run_without_results_or_failures() -> None:
    page, _ = write()
    assert "No picture failed." in page.texts
    assert any("No picture was processed." in text for text in page.texts)
    page, _ = write(Result())
    assert "No picture failed." in page.texts


def test_page_of_an_unfinished_run_says_so() -> None:
    page, _ = write(Result(), progress=Progress(job="rerender", run_id="run", total=50))
    assert any("1 of 50 pictures are recorded" in text for text in page.texts)
    assert "rows changed" not in page.texts


def test_page_stays_small() -> None:
    sentence = "The file has too many pixels for its format. " * 3
    results = (
        Result(
            i,
            "failed" if i % 2 else "rendered",
            f"code{i % 300}",
            sentence,
            i + 1,
            5,
            0.1,
            (BEGIN + i) * 1000,
        )
        for i in range(5_000)
    )
    _, page = write(*results)
    assert len(page) < 200_000
    assert "The first 500 of 2,500 are listed" in page
