"""Batch jobs on Spark: they process a whole archive again, on this machine or on EMR Serverless."""
