"""Logs and metrics, one of each a process: JSON lines with correlation ids, EMF metrics."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger(service="stockroom")
metrics = Metrics(namespace="Stockroom", service="stockroom")
