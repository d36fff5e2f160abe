"""The command line of a Stockroom library: `stockroom upload`, `stockroom search`, `stockroom status`."""

__version__ = "0.1.0"
