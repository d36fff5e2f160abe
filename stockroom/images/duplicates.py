"""Duplicates: pictures with the same bytes, with the same pixels, or nearly the same to the eye.

`stockroom.images.looks` says which pictures are near duplicates; this module finds them.
"""

from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from stockroom.images.looks import DuplicateKind, Looks, are_near
from stockroom.images.repository.near_duplicates import (
    find_candidates,
    find_content,
    find_looks,
    find_own_candidates,
    find_own_looks,
    find_same_bytes,
)
from stockroom.runtime.database import Database

PICTURES_PER_STEP = 40
MAX_STEPS = 5
"""A request looks at PICTURES_PER_STEP pictures at a time, at most MAX_STEPS times. It ends earlier when it
has found enough groups, or when so many pictures share their looks that a step did not reach them all."""
MAX_MEMBERS = 50
"""Pictures of a group that are shown; the others are in groups once these are gone."""
MAX_SHOWN = 500
"""Pictures of all groups of a page, which has one group in any case. Lambda answers 6 MB."""
NEWEST = (1 << 64) - 1
"""Above the id of every picture: where the first page of groups begins."""


class Group(NamedTuple):
    """Duplicates among one owner's pictures, the newest first: each is a duplicate of the first one.

    `kind` is "same-pixels" when that holds for all of them.
    """

    kind: Literal["same-pixels", "near"]
    image_ids: tuple[int, ...]


class GroupPage(NamedTuple):
    """Groups by their first pictures, the newest first, and the id to go on below; there may be none yet."""

    groups: list[Group]
    next: int | None


def find_duplicates(db: Database, image_id: int) -> dict[int, DuplicateKind]:
    """The duplicates of a ready picture among all ready pictures: the same bytes, the same pixels, near ones.

    Those of a kind are the newest first; near ones are the most similar first. Five statements at most.
    """
    content = find_content(db, image_id)
    if content is None:
        return {}
    own = content.looks
    found: dict[int, DuplicateKind] = {}
    if content.sha256 is not None:
        found.update(dict.fromkeys(find_same_bytes(db, content), "same-bytes"))
    candidates = [each for each in find_looks(db, find_candidates(db, own)) if each.image_id not in found]
    found.update((each.image_id, "same-pixels") for each in candidates if _has_same_pixels(own, each))
    near = [each for each in candidates if each.image_id not in found and are_near(own, each)]
    near.sort(key=lambda each: _distance(own, each))
    found.update((each.image_id, "near") for each in near)
    return found


def find_groups(db: Database, owner_id: int, before: int, limit: int) -> GroupPage:
    """Groups of duplicates among an owner's ready pictures whose first pictures have ids below `before`.

    A group is a picture and the older duplicates of this very picture, so that a chain of small steps does
    not join unlike pictures. A picture that is a duplicate of several others can be in several groups. A
    group that is a part of another one is left out: some newer picture is a duplicate of all its pictures.
    """
    groups: list[Group] = []
    shown = 0
    following: int | None = before
    for _ in range(MAX_STEPS):
        if following is None or len(groups) >= limit:
            break
        asked, following = find_own_looks(db, owner_id, following, PICTURES_PER_STEP)
        candidates = find_own_candidates(db, asked)
        known = {looks.image_id: looks for looks in asked}
        missing = {image_id for ids in candidates.by_picture.values() for image_id in ids} - known.keys()
        known.update((looks.image_id, looks) for looks in find_looks(db, missing))
        for looks in asked:
            group = _form_group(looks, candidates.by_picture[looks.image_id], known)
            if group is None:
                continue
            shown += len(group.image_ids)
            if len(groups) == limit or (groups and shown > MAX_SHOWN):
                return GroupPage(groups, groups[-1].image_ids[0])
            groups.append(group)
        if candidates.is_cut:
            break
    return GroupPage(groups, following)


def _form_group(looks: Looks, candidates: Collection[int], known: Mapping[int, Looks]) -> Group | None:
    """The group whose newest picture is this one; None without older duplicates, or if it is part of one."""
    others = [known[image_id] for image_id in candidates if image_id in known]
    duplicates = [each for each in others if _are_duplicates(looks, each)]
    older = sorted((each for each in duplicates if each.image_id < looks.image_id), reverse=True)
    newer = [each for each in duplicates if each.image_id > looks.image_id]
    if not older or any(all(_are_duplicates(each, member) for member in older) for each in newer):
        return None
    shown = older[: MAX_MEMBERS - 1]
    kind: Literal["same-pixels", "near"] = (
        "same-pixels" if all(_has_same_pixels(looks, each) for each in shown) else "near"
    )
    return Group(kind, (looks.image_id, *(each.image_id for each in shown)))


def _are_duplicates(one: Looks, other: Looks) -> bool:
    return _has_same_pixels(one, other) or are_near(one, other)


def _has_same_pixels(one: Looks, other: Looks) -> bool:
    return one.pixel_hash is not None and one.pixel_hash == other.pixel_hash


def _distance(one: Looks, other: Looks) -> int:
    return ((one.phash or 0) ^ (other.phash or 0)).bit_count()
