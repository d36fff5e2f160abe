"""What a driver prints, and how whoever reads it on EMR tells the lines apart.

There, Spark starts the driver, and hands both of its streams on as one, its own standard output.
"""

SAID = "» "
"""Before what the operator is told meanwhile. Other lines are the result, or say why there is none."""
LOGGED = '{"level":'
"""How a line begins that the domain has logged."""
END = f"{SAID}that is all"
"""The last line where Spark starts the driver: what EMR has stored of the log may be older than the end."""
