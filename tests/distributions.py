"""A CloudFront distribution of moto, which notes down what it is told to forget."""

from typing import Any


def create_distribution(cloudfront: Any) -> str:
    """Create a distribution; its id."""
    origin = {"Id": "o", "DomainName": "o.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    behaviour = {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"}
    answer = cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": "test",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": behaviour,
        }
    )
    return str(answer["Distribution"]["Id"])


def list_batches(cloudfront: Any, distribution: str) -> list[dict[str, Any]]:
    """The batches of paths that a distribution was told to forget."""
    listed = cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
    found = [cloudfront.get_invalidation(DistributionId=distribution, Id=each["Id"]) for each in listed]
    return [each["Invalidation"]["InvalidationBatch"] for each in found]
