"""The one-command local stack: MariaDB, an AWS emulator and nginx around the same CDK app that AWS gets."""
