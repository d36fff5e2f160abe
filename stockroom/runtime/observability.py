"""The logger and the metrics of a process: JSON lines, and the embedded metric format (EMF)."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger(service="stockroom")
metrics = Metrics(namespace="Stockroom", service="stockroom")
