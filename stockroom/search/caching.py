"""How long answers may be kept, in one place. The front page, which everybody asks for, is kept longest.

| Answer | Browser | CDN |
|---|---|---|
| Front page: nothing asked for, first page | 10 s | 60 s, and 60 s more while a fresh one is fetched |
| First page of a search; deeper pages of the front page | 10 s | 30 s |
| Deeper pages of a search | 10 s | 15 s |
| One picture, tags | 60 s | 60 s |
| Configuration, the OpenAPI document | 300 s | 300 s |
| Health, errors | never | never |

So what is deleted is gone from every list two minutes later. With private visibility nothing is kept.
"""

from stockroom.http import PRIVATE

FRONT = "public, max-age=10, s-maxage=60, stale-while-revalidate=60"
SEARCH = "public, max-age=10, s-maxage=30"
DEEP_SEARCH = "public, max-age=10, s-maxage=15"
MINUTE = "public, max-age=60"
SETTLED = "public, max-age=300"
NEVER = "no-store"


def of_search(*, asks: bool, deeper: bool) -> str:
    """`asks`: for anything but the newest pictures; `deeper`: with a cursor."""
    if asks and deeper:
        return DEEP_SEARCH
    return SEARCH if asks or deeper else FRONT


def header(policy: str, *, private: bool) -> dict[str, str]:
    """The Cache-Control header of a policy, overruled where every answer is for one person."""
    return {"Cache-Control": PRIVATE if private else policy}
