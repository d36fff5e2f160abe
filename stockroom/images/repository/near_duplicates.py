"""The statements about how pictures look: their bands in `phash_band`, and who has the same content or looks.

A band means visible, as a posting does: a picture has its bands exactly while it is ready, and only if it is
not flat (`Looks.is_flat`).
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.looks import MAX_DISTANCE, Looks, list_bands, list_neighbors
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database, placeholders

MAX_COMPARED = 200
"""How many candidates for a picture are compared by all their looks: those with the most similar hashes."""
MAX_SAME = 100
"""How many pictures of the same bytes, or of the same pixels, are read at most; of the latter the newest."""
_PICTURES_PER_STATEMENT = 100
_QUESTIONS_PER_STATEMENT = 20
MAX_JOINED = 10_000
"""How many rows are read at most for the candidates of some pictures together."""


# Which value a band has, in SQL; `list_bands` says the same. `bands` are the numbers of the bands.
_BAND_VALUE = (
    "IF(n.band < 4, (i.phash >> (16 * n.band)) & 65535, ((i.phash >> 60) & 15) << 12 "
    "| ((i.phash >> 52) & 15) << 8 | ((i.phash >> 44) & 15) << 4 | ((i.phash >> 36) & 15))"
)
_BAND_NUMBERS = (
    "(SELECT 0 AS band UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) n"
)
# `Looks.is_flat`, in SQL.
_HAS_BANDS = "i.state = 'ready' AND i.phash <> 0 AND (ORD(SUBSTR(i.thumbhash, 3, 1)) >> 2) & 31 > 0"

# The ready picture to which a row of phash_band, `n`, belongs.
_OWN_PICTURE = (
    "image i ON i.id = n.image_id AND i.owner_id = n.owner_id AND i.phash = n.phash "
    f"AND n.value = {_BAND_VALUE} AND {_HAS_BANDS}"
)


# Each band with what its neighbors differ by.
_MASKS = " UNION ALL ".join(
    f"SELECT {band} AS band, {mask} AS mask" for band in range(5) for mask in (0, *list_neighbors(0))
)
# The pictures of an owner that share a band with a picture of the owner's, or nearly; and those that share
# its pixels. `i` is the picture. The statements say in which order the tables are read.
_JOINED_BANDS = (
    "SELECT i.id AS asked_id, p.image_id, "
    f"p.image_id <> i.id AND BIT_COUNT(p.phash ^ i.phash) <= {MAX_DISTANCE:d} AS is_near "
    f"FROM image i FORCE INDEX (PRIMARY) STRAIGHT_JOIN ({_MASKS}) n "
    "STRAIGHT_JOIN phash_band p FORCE INDEX (PRIMARY) "
    f"ON p.band = n.band AND p.value = ({_BAND_VALUE}) ^ n.mask AND p.owner_id = i.owner_id AND {_HAS_BANDS}"
)
_JOINED_PIXELS = (
    "SELECT i.id AS asked_id, p.id AS image_id, p.id <> i.id AS is_near FROM image i FORCE INDEX (PRIMARY) "
    "STRAIGHT_JOIN image p FORCE INDEX (pixels) ON p.pixel_hash = i.pixel_hash AND p.owner_id = i.owner_id"
)


class BandKey(NamedTuple):
    """The primary key of a row of `phash_band`."""

    band: int
    value: int
    owner_id: int
    image_id: int


class BandLimits(NamedTuple):
    """How many rows of one band are read for one picture at most.

    `equal`: of those with the same value. `neighbors`: of the sixteen values that differ in a bit, together.
    Unlike pictures share a value by chance, one in 20,000 or so; where a multitude shares one, the rest of it
    is left out, and the other bands decide.
    """

    equal: int
    neighbors: int


ALL_OWNERS = BandLimits(equal=500, neighbors=1500)
ONE_OWNER = BandLimits(equal=50, neighbors=80)

_LOOKS = "id, owner_id, width, height, phash, thumbhash, pixel_hash"


def insert_bands(cursor: Cursor, image_ids: Collection[int]) -> None:
    """Let pictures be found as near duplicates: those of `image_ids` that are ready and not flat.

    Every transition to ready calls it, as it calls `SearchIndex.add`: in the same transaction, and after the
    UPDATE, as the hash is read from the row. A second time writes nothing.
    """
    for some in split_into_chunks(sorted(image_ids), _PICTURES_PER_STATEMENT):
        # PRIMARY of image, one read each; five rows of phash_band each.
        cursor.execute(
            f"SELECT {_LOOKS} FROM image WHERE id IN ({placeholders(some)}) AND state = 'ready'", some
        )
        rows = [
            f"({band:d}, {value:d}, {each.owner_id:d}, {each.image_id:d}, {each.phash:d})"
            for each in (Looks(*row) for row in cursor.fetchall())
            if each.phash and not each.is_flat
            for band, value in enumerate(list_bands(each.phash))
        ]
        if rows:
            cursor.execute(
                "INSERT INTO phash_band (band, value, owner_id, image_id, phash) "
                f"VALUES {', '.join(rows)} ON DUPLICATE KEY UPDATE image_id = phash_band.image_id"
            )


def delete_bands(cursor: Cursor, image_ids: Collection[int]) -> None:
    """Let pictures be found as near duplicates no more.

    Every transition from ready calls it, as it calls `SearchIndex.remove`: in the same transaction, while the
    rows are still there, in any state. A second time does nothing.
    """
    for some in split_into_chunks(sorted(image_ids), _PICTURES_PER_STATEMENT):
        # PRIMARY of image, one read each; PRIMARY of phash_band, five probes each.
        cursor.execute(
            f"SELECT id, owner_id, phash FROM image WHERE id IN ({placeholders(some)}) AND phash IS NOT NULL",
            some,
        )
        keys = [
            f"(band = {band:d} AND value = {value:d} AND owner_id = {owner_id:d} AND image_id = {image_id:d})"
            for image_id, owner_id, phash in cursor.fetchall()
            for band, value in enumerate(list_bands(phash))
        ]
        if keys:
            cursor.execute(f"DELETE FROM phash_band WHERE {' OR '.join(keys)}")


def find_looks(db: Database, image_ids: Collection[int]) -> list[Looks]:
    """The looks of the ready ones of some pictures, the newest first. PRIMARY of image, one read each."""
    if not image_ids:
        return []
    rows = db.query(
        f"SELECT {_LOOKS} FROM image WHERE id IN ({placeholders(image_ids)}) AND state = 'ready' "
        "ORDER BY id DESC",
        sorted(image_ids),
    )
    return [Looks(*row) for row in rows]


class Content(NamedTuple):
    """By which other pictures with the same content are found."""

    sha256: bytes | None
    looks: Looks


def find_content(db: Database, image_id: int) -> Content | None:
    """The content of a ready picture; None when there is none. PRIMARY of image, one read."""
    rows = db.query(f"SELECT sha256, {_LOOKS} FROM image WHERE id = %s AND state = 'ready'", (image_id,))
    return Content(rows[0][0], Looks(*rows[0][1:])) if rows else None


def find_same_bytes(db: Database, content: Content) -> list[int]:
    """The other ready pictures with the same SHA-256, of whatever owner. Key content, one read each."""
    rows = db.query(
        "SELECT id FROM image FORCE INDEX (content) WHERE sha256 = %s AND state = 'ready' AND id <> %s "
        f"LIMIT {MAX_SAME:d}",
        (content.sha256, content.looks.image_id),
    )
    return sorted((image_id for (image_id,) in rows), reverse=True)


def find_candidates(db: Database, looks: Looks) -> list[int]:
    """The ids of the pictures of whatever owner that may look like one: by their pixels, or by their bands.

    PRIMARY of phash_band: five probes and eighty of neighbors, as many rows as `ALL_OWNERS` allows at most.
    Key pixels: MAX_SAME rows at most.
    """
    ids: dict[int, None] = {}
    if looks.pixel_hash is not None:
        rows = db.query(
            "SELECT id FROM image FORCE INDEX (pixels) WHERE pixel_hash = %s "
            f"ORDER BY owner_id DESC, id DESC LIMIT {MAX_SAME:d}",
            (looks.pixel_hash,),
        )
        ids.update((image_id, None) for (image_id,) in rows)
    if not looks.is_flat:
        rows = db.query(
            f"SELECT DISTINCT image_id, BIT_COUNT(phash ^ asked_phash) AS distance "
            f"FROM ({' UNION ALL '.join(_read_bands(looks, ALL_OWNERS, None))}) bands "
            f"WHERE BIT_COUNT(phash ^ asked_phash) <= {MAX_DISTANCE:d} "
            f"ORDER BY distance, image_id DESC LIMIT {MAX_COMPARED + 1:d}"
        )
        ids.update((image_id, None) for image_id, _ in rows)
    ids.pop(looks.image_id, None)
    return list(ids)


class OwnCandidates(NamedTuple):
    """For each of some pictures: the ids of its owner's pictures that may look like it.

    `is_cut`: multitudes share their values, so that some were left out.
    """

    by_picture: dict[int, set[int]]
    is_cut: bool


def find_own_candidates(db: Database, asked: Sequence[Looks]) -> OwnCandidates:
    """The candidates for some pictures of one owner among the owner's pictures.

    PRIMARY of phash_band and key pixels: 85 probes a picture and one, and MAX_JOINED rows each. Where that is
    not enough, each picture is asked for by itself, as in `find_candidates`, with the limits of `ONE_OWNER`.
    """
    found: dict[int, set[int]] = {looks.image_id: set() for looks in asked}
    if not asked:
        return OwnCandidates(found, is_cut=False)
    for join in (_JOINED_BANDS, _JOINED_PIXELS):
        rows = db.query(
            "SELECT IF(is_near, asked_id, 0) AS asked, IF(is_near, image_id, 0) AS candidate, COUNT(*) "
            f"FROM ({join} WHERE i.id IN ({placeholders(asked)}) LIMIT {MAX_JOINED:d}) joined "
            "GROUP BY asked, candidate",
            [looks.image_id for looks in asked],
        )
        if sum(count for _, _, count in rows) == MAX_JOINED:
            return OwnCandidates(_find_own_one_by_one(db, asked), is_cut=True)
        for asked_id, image_id, _ in rows:
            if asked_id:
                found[asked_id].add(image_id)
    return OwnCandidates(found, is_cut=False)


def _find_own_one_by_one(db: Database, asked: Sequence[Looks]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {looks.image_id: set() for looks in asked}
    for start in range(0, len(asked), _QUESTIONS_PER_STATEMENT):
        some = asked[start : start + _QUESTIONS_PER_STATEMENT]
        reads = [read for looks in some for read in _read_own(looks)]
        rows = (
            db.query(
                f"SELECT DISTINCT asked_id, image_id FROM ({' UNION ALL '.join(reads)}) bands "
                f"WHERE BIT_COUNT(phash ^ asked_phash) <= {MAX_DISTANCE:d} AND image_id <> asked_id"
            )
            if reads
            else ()
        )
        for asked_id, image_id in rows:
            found[asked_id].add(image_id)
    return found


def find_own_looks(db: Database, owner_id: int, before: int, limit: int) -> tuple[list[Looks], int | None]:
    """The looks of the ready ones of an owner's newest rows below an id, and the id to go on below.

    None: there are no older rows. Key owner_newest, `limit` rows of any state.
    """
    rows = db.query(
        f"SELECT state, {_LOOKS} FROM image FORCE INDEX (owner_newest) WHERE owner_id = %s AND id < %s "
        f"ORDER BY id DESC LIMIT {limit:d}",
        (owner_id, before),
    )
    looks = [Looks(*row) for state, *row in rows if state == "ready"]
    return looks, rows[-1][1] if len(rows) == limit else None


def find_bandless(db: Database, after: int, up_to: int, limit: int) -> tuple[list[int], int | None]:
    """Those of the next `limit` rows that lack a band, in order, and the id to go on behind; None at the end.

    No row has an id above `up_to`. PRIMARY of image, `limit` rows of any state; PRIMARY of phash_band, five
    probes each.
    """
    ((count, last),) = db.query(
        "SELECT COUNT(*), MAX(id) FROM "
        f"(SELECT id FROM image WHERE id > %s AND id <= %s ORDER BY id LIMIT {limit:d}) page",
        (after, up_to),
    )
    if not count:
        return [], None
    rows = db.query(
        f"SELECT DISTINCT i.id FROM image i FORCE INDEX (PRIMARY) CROSS JOIN {_BAND_NUMBERS} "
        f"LEFT JOIN phash_band b ON b.band = n.band AND b.value = {_BAND_VALUE} AND b.owner_id = i.owner_id "
        "AND b.image_id = i.id AND b.phash = i.phash "
        f"WHERE i.id > %s AND i.id <= %s AND {_HAS_BANDS} AND b.image_id IS NULL ORDER BY i.id",
        (after, last),
    )
    return [image_id for (image_id,) in rows], last if count == limit else None


def find_band_range(db: Database, after: tuple[int, int], limit: int) -> tuple[int, int] | None:
    """The (band, value) that ends a range of `limit` rows behind another one; None: the rest is smaller.

    PRIMARY of phash_band, `limit` rows; the range has all rows of its last value.
    """
    band, value = after
    rows = db.query(
        "SELECT band, value FROM phash_band WHERE band >= %s AND (band > %s OR value > %s) "
        f"ORDER BY band, value, owner_id, image_id LIMIT 1 OFFSET {limit - 1:d}",
        (band, band, value),
    )
    return (rows[0][0], rows[0][1]) if rows else None


def find_misplaced(db: Database, after: tuple[int, int], last: tuple[int, int] | None) -> list[BandKey]:
    """The bands of a range that belong to no ready picture, or to another value of its hash.

    PRIMARY of phash_band, the range; PRIMARY of image, one probe a row.
    """
    (band, value), (last_band, last_value) = after, last or (255, 65535)
    rows = db.query(
        f"SELECT n.band, n.value, n.owner_id, n.image_id FROM phash_band n LEFT JOIN {_OWN_PICTURE} "
        "WHERE n.band >= %s AND (n.band > %s OR n.value > %s) AND n.band <= %s "
        "AND (n.band < %s OR n.value <= %s) AND i.id IS NULL",
        (band, band, value, last_band, last_band, last_value),
    )
    return [BandKey(*row) for row in rows]


def delete_misplaced(cursor: Cursor, keys: Sequence[BandKey]) -> int:
    """Delete those of some bands that are still misplaced; how many. Their rows are locked. As above."""
    conditions = " OR ".join(
        f"(n.band = {key.band:d} AND n.value = {key.value:d} AND n.owner_id = {key.owner_id:d} "
        f"AND n.image_id = {key.image_id:d})"
        for key in keys
    )
    return cursor.execute(
        f"DELETE n FROM phash_band n LEFT JOIN {_OWN_PICTURE} WHERE ({conditions}) AND i.id IS NULL"
    )


def _read_own(looks: Looks) -> list[str]:
    reads = [] if looks.is_flat else _read_bands(looks, ONE_OWNER, looks.owner_id)
    if looks.pixel_hash is not None:
        # In place of their hashes, which may be unknown, one that has no distance.
        reads.append(
            f"(SELECT {looks.image_id:d} AS asked_id, {_to_unsigned(0)} AS asked_phash, id AS image_id, "
            f"{_to_unsigned(0)} AS phash "
            f"FROM image FORCE INDEX (pixels) WHERE pixel_hash = x'{looks.pixel_hash.hex()}' "
            f"AND owner_id = {looks.owner_id:d} ORDER BY id DESC LIMIT {ONE_OWNER.equal:d})"
        )
    return reads


def _to_unsigned(number: int) -> str:
    """MySQL makes DECIMAL of signed and unsigned numbers in one column of a UNION, and cuts its bits off."""
    return f"CAST({number:d} AS UNSIGNED)"


def _read_bands(looks: Looks, limits: BandLimits, owner_id: int | None) -> list[str]:
    """The reads of the bands of one picture, two a band, as parts of a UNION; of one owner's rows, or all."""
    assert looks.phash is not None  # noqa: S101  flat pictures have no bands
    columns = f"{looks.image_id:d} AS asked_id, {_to_unsigned(looks.phash)} AS asked_phash, image_id, phash"
    table = "phash_band FORCE INDEX (PRIMARY)"
    owner = "" if owner_id is None else f" AND owner_id = {owner_id:d}"
    reads = []
    for band, value in enumerate(list_bands(looks.phash)):
        neighbors = ", ".join(map(str, list_neighbors(value)))
        reads += [
            f"(SELECT {columns} FROM {table} WHERE band = {band:d} AND value = {value:d}{owner} "
            f"ORDER BY owner_id DESC, image_id DESC LIMIT {limits.equal:d})",
            f"(SELECT {columns} FROM {table} WHERE band = {band:d} AND value IN ({neighbors}){owner} "
            f"LIMIT {limits.neighbors:d})",
        ]
    return reads
