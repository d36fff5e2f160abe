"""The errors of the jobs: a failure in words for the operator, of a run that goes on or that has ended."""


class JobError(Exception):
    """A job that cannot begin or go on, for a reason that the operator can act on."""


class JobEnded(JobError):
    """A run has come to its end, and the operator has to know this: it does not go on."""
