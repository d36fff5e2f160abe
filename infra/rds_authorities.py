"""The certificate authorities of Amazon RDS: `python -m infra.rds_authorities BUNDLE…` writes rds-ca.pem.

AWS publishes them as one bundle for each partition. docs/deploy.md says where bundles come from.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

RDS_AUTHORITIES = Path(__file__).with_name("rds-ca.pem")
# The authorities of AWS's own tests (Beta, Preview) and those that have expired have other names.
ROOT_NAME = re.compile(r"Amazon RDS ([a-z]+(?:-[a-z]+)+-\d+) Root CA ((?:RSA2048|RSA4096|ECC384) G1)")


def select_roots(bundles: Iterable[bytes]) -> dict[tuple[str, str], x509.Certificate]:
    """The root authorities in PEM bundles, by region and kind, in this order.

    Raises ValueError for an authority that has not signed itself, and for two that have the same name.
    """
    # Whoever only needs the file's path, as every command does, would wait for this import.
    from cryptography import x509

    roots: dict[tuple[str, str], x509.Certificate] = {}
    for certificate in (each for bundle in bundles for each in x509.load_pem_x509_certificates(bundle)):
        (name,) = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        found = ROOT_NAME.fullmatch(str(name.value))
        if found is None:
            continue
        certificate.verify_directly_issued_by(certificate)
        if roots.setdefault((found[1], found[2]), certificate) != certificate:
            raise ValueError(f"two different authorities are called {found[0]}")
    return dict(sorted(roots.items()))


def format_roots(roots: dict[tuple[str, str], x509.Certificate]) -> str:
    """The authorities as one PEM file, each after a line with its region and kind."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return "".join(
        f"# {region} {kind}\n{certificate.public_bytes(Encoding.PEM).decode()}"
        for (region, kind), certificate in roots.items()
    )


if __name__ == "__main__":
    RDS_AUTHORITIES.write_text(format_roots(select_roots(Path(path).read_bytes() for path in sys.argv[1:])))
