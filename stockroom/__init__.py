"""Stockroom's domain: everything the functions do, callable from a REPL with plain values."""

__version__ = "0.1.0"
