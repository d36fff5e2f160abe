"""Batch jobs on Spark: they process a whole archive again, on this machine or on EMR Serverless.

A job is a module with a `JOB`: those that `command_line.JOBS` names. `waves`, `rendering`, `committer` and
`estimate` are parts of `rerender` alone; the other modules serve several jobs.
"""
