"""A certificate authority for the database of every region."""

import ssl
from datetime import UTC, datetime

import botocore.session
import pytest
from cryptography import x509

from infra.rds_authorities import RDS_AUTHORITIES, format_roots, select_roots

KINDS = {"RSA2048 G1", "RSA4096 G1", "ECC384 G1"}
# No stage can be there (infra/stage_file.py).
OTHER_PARTITIONS = {"aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"}
SESSION = botocore.session.get_session()


@pytest.fixture(scope="module")
def bundle() -> bytes:
    return RDS_AUTHORITIES.read_bytes()


@pytest.mark.parametrize("region", sorted(SESSION.get_available_regions("rds")))
def test_every_region_has_its_authorities(region: str, bundle: bytes) -> None:
    roots = {kind: root for (place, kind), root in select_roots([bundle]).items() if place == region}
    assert set(roots) == KINDS
    for root in roots.values():
        assert root.not_valid_before_utc < datetime.now(UTC) < root.not_valid_after_utc
        assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_partitions_that_are_missing_are_known() -> None:
    assert set(SESSION.get_available_partitions()) == {"aws", *OTHER_PARTITIONS}


def test_nothing_else_is_trusted(bundle: bytes) -> None:
    assert len(x509.load_pem_x509_certificates(bundle)) == len(select_roots([bundle]))


def test_a_connection_can_be_checked_with_the_file(bundle: bytes) -> None:
    context = ssl.create_default_context(cafile=RDS_AUTHORITIES)
    assert len(context.get_ca_certs()) == len(select_roots([bundle]))


def test_the_file_is_what_the_command_writes(bundle: bytes) -> None:
    assert format_roots(select_roots([bundle, bundle])) == bundle.decode()
