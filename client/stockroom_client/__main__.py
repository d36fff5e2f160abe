"""`python -m stockroom_client` is the same program as `stockroom`."""

from stockroom_client.cli import main

main()
