"""What a process runs on: settings, the database connection, object storage, logs, errors, migrations."""
