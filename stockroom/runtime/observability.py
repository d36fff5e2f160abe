"""The logger and the metrics of a process: JSON lines, and the embedded metric format (EMF).

Their `service` is the function's name, which the deployment sets in POWERTOOLS_SERVICE_NAME. The
metrics' namespace is the stack's name, in POWERTOOLS_METRICS_NAMESPACE, so that stages of one account count
apart.
"""

import os

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Stockroom"))
