"""What local/, infra/, tests/ and bench/ share: programs, ports, content hashes and database servers.

Standard library only, because `make setup` imports this package before anything is installed; and nothing of
Stockroom's own, so that every other folder but the domain's may import it.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The folder of the checkout."""
