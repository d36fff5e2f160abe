"""How long answers may be kept, in one place. The front page, which everybody asks for, is kept longest.

| Answer | Browser | CDN |
|---|---|---|
| Front page: nothing asked for, first page | asks | 20 s, and 10 s more while a fresh one is fetched |
| First page of a search; deeper pages of the front page | asks | 10 s |
| Deeper pages of a search | asks | 5 s |
| One picture, tags | 60 s | 60 s |
| Configuration, the OpenAPI document | 60 s | 60 s |
| Health, errors | never | never |

Seconds are enough: at a thousand requests a second twenty of them save all but one in twenty thousand. And
new pictures are seen, deleted ones gone, within half a minute by everybody; by whoever has just uploaded, at
once (`since`). With private visibility nothing is kept.
"""

from stockroom.http import PRIVATE

FRONT = "public, max-age=0, s-maxage=20, stale-while-revalidate=10"
SEARCH = "public, max-age=0, s-maxage=10"
DEEP_SEARCH = "public, max-age=0, s-maxage=5"
MINUTE = "public, max-age=60"
SETTLED = "public, max-age=60"
NEVER = "no-store"


def of_search(*, asks: bool, deeper: bool) -> str:
    """`asks`: for anything but the newest pictures; `deeper`: with a cursor."""
    if asks and deeper:
        return DEEP_SEARCH
    return SEARCH if asks or deeper else FRONT


def header(policy: str, *, private: bool) -> dict[str, str]:
    """The Cache-Control header of a policy, overruled where every answer is for one person."""
    return {"Cache-Control": PRIVATE if private else policy}
