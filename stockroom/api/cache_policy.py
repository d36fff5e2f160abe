"""How long answers may be kept, in one place. The front page, which everybody asks for, is kept longest.

| Answer | Browser | CDN | The function itself |
|---|---|---|---|
| Front page: nothing asked for, first page | asks | 20 s, and 10 s more while a fresh one is fetched | 5 s |
| First page of a search; deeper pages of the front page | asks | 10 s, and 5 s more | 3 s |
| Deeper pages of a search | asks | 5 s | 1 s |
| Tags, words, similar pictures | 60 s | 60 s | 5 s |
| One picture | 60 s | 60 s | never |
| Configuration, the OpenAPI document | 60 s | 60 s | |
| Health, errors, empty pages | never | never (empty pages as any) | never |

Where a browser asks, it is answered 304 if nothing has changed (ETag).

Seconds are enough: at a thousand requests a second twenty of them save all but one in twenty thousand. And
new pictures are seen, deleted ones gone, within 35 seconds by everybody; by whoever has just uploaded, at
once (`since`). With private visibility nothing is kept.
"""

from stockroom.api.app import PRIVATE

FRONT = "public, max-age=0, s-maxage=20, stale-while-revalidate=10"
SEARCH = "public, max-age=0, s-maxage=10, stale-while-revalidate=5"
DEEP_SEARCH = "public, max-age=0, s-maxage=5"
MINUTE = "public, max-age=60"
SETTLED = "public, max-age=60"
NEVER = "no-store"

SECONDS = {FRONT: 5, SEARCH: 3, DEEP_SEARCH: 1, MINUTE: 5}
"""How long the function keeps an answer itself, by its policy."""


def of_search(*, asks: bool, deeper: bool) -> str:
    """`asks`: for anything but the newest pictures; `deeper`: with a cursor."""
    if asks and deeper:
        return DEEP_SEARCH
    return SEARCH if asks or deeper else FRONT


def header(policy: str, *, private: bool) -> dict[str, str]:
    """The Cache-Control header of a policy, overruled where every answer is for one person."""
    return {"Cache-Control": PRIVATE if private else policy}
