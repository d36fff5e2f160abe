"""Command line client of a Stockroom library. Standard library only."""

__version__ = "0.1.0"
