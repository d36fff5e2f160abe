"""`python -m stockroom_client`."""

from stockroom_client.cli import run

if __name__ == "__main__":  # pragma: no cover - tested in a process of its own
    run()
