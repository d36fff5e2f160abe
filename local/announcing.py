"""Announcing originals again, after a start of the emulator.

The emulator keeps its queues in memory and writes them when it is stopped, so a kill loses every event since
the last stop. On AWS a queue loses none. The reaper would find such originals after their deadline, more than
an hour later.
"""

from typing import Any

from local import emulator, mariadb
from local.layout import Layout
from stockroom.images.storage import original_key


def announce_waiting(layout: Layout) -> int:
    """Have S3 send the event of each original again that waits for its renditions; returns how many wait.

    No row changes, and nothing is deleted: an upload that has not landed keeps its time. An original whose
    event was not lost is announced twice, which `resize` expects of S3 anyway.
    """
    s3 = emulator.client(layout, "s3")
    bucket = layout.outputs()["UploadsBucket"]
    return sum(_announce(s3, bucket, original_key(image_id)) for image_id in _find_waiting(layout))


def _find_waiting(layout: Layout) -> list[int]:
    """Pending pictures, and ready ones with renditions to come. Index due."""
    with mariadb.connect(layout) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM image WHERE state IN ('pending', 'ready') AND deadline IS NOT NULL ORDER BY id"
        )
        return [image_id for (image_id,) in cursor.fetchall()]


def _announce(s3: Any, bucket: str, key: str) -> bool:
    """Copy an original onto itself; False when there is none, or no longer."""
    from botocore.exceptions import ClientError

    try:
        head = s3.head_object(Bucket=bucket, Key=key)
        s3.copy_object(
            Bucket=bucket,
            Key=key,
            CopySource={"Bucket": bucket, "Key": key},
            CopySourceIfMatch=head["ETag"],
            MetadataDirective="REPLACE",
            ContentType=head["ContentType"],
        )
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 412):
            return False
        raise
    return True
