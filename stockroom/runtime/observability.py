"""The logger and the metrics of a process: JSON lines, and the embedded metric format (EMF).

Their `service` is the function's name, which the deployment sets in POWERTOOLS_SERVICE_NAME.
"""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics(namespace="Stockroom")
