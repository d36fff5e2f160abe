"""`python -m jobs JOB …`, and on EMR the program that Spark is given."""

from jobs.command_line import main

if __name__ == "__main__":  # not in the processes that a job starts
    raise SystemExit(main())
