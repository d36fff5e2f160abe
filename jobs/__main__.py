"""`python -m jobs JOB …`, and on EMR the program that Spark is given."""

from jobs.command_line import main

raise SystemExit(main())
