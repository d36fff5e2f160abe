"""The one-time schedules by which the reaper is called at its due times, beside its own schedule."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

EXISTS = "ConflictException"
LEAD = timedelta(minutes=1)
"""A time that has come meanwhile is put off by so much: a schedule takes no time of the past."""
MAX_EVENT_AGE_SECONDS = 3600
"""How long the scheduler tries to call the reaper."""


class ReaperSchedule:
    """The group of schedules of one deployment. The client is made at its first use."""

    def __init__(self, group: str, reaper: str, role: str) -> None:
        """`reaper` and `role` are ARNs: of the function, and of the role by which it is called."""
        self._group = group
        self._reaper = reaper
        self._role = role

    @cached_property
    def _client(self) -> Any:
        from botocore.config import Config
        from botocore.session import get_session

        config = Config(
            connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}
        )
        return get_session().create_client("scheduler", config=config)

    def call_at(self, due: datetime, at: datetime) -> bool:
        """Have the reaper called at a due time; False when that was arranged before. Raises ClientError.

        `at` is the present moment.
        """
        from botocore.exceptions import ClientError

        try:
            self._client.create_schedule(**self.describe(due, at))
        except ClientError as error:
            if error.response["Error"]["Code"] == EXISTS:
                return False
            raise
        return True

    def describe(self, due: datetime, at: datetime) -> dict[str, Any]:
        """The schedule of a due time, which goes when it has called the reaper."""
        moment = max(due, at + LEAD)
        return {
            "Name": f"reap-{due:%Y-%m-%dT%H-%M}",
            "GroupName": self._group,
            "ScheduleExpression": f"at({moment:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": self._reaper,
                "RoleArn": self._role,
                "Input": "{}",
                "RetryPolicy": {"MaximumEventAgeInSeconds": MAX_EVENT_AGE_SECONDS},
            },
        }
