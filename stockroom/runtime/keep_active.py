"""The daily call by which a function that nobody uses stays active.

Lambda takes the network from a function that was idle for weeks, and calls the function inactive: its next
invocation fails, and so do those after it, until Lambda has made the network again
(https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html). The first visitor of a quiet library
would be told that it is broken, its first upload would wait until its message is delivered again, and a
deployment that fails could not be taken back. So each function with a network that no schedule calls is
called once a day (infra/schedule.py). It answers at once, opens no connection and wakes no database.
"""

KEEP_ACTIVE = {"keep_active": True}
"""The event. No other source of events sends one like it."""
