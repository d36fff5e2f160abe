"""The runtime of a function: settings, the database connection, S3, logs and metrics, errors, migrations."""
