"""The one error of the jobs: a failure in words for the operator."""


class JobError(Exception):
    """A job that cannot begin or go on, for a reason that the operator can act on."""
