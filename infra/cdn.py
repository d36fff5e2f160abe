"""CloudFront, the CDN: the page, the renditions and the API under one name.

Functions, policies and access controls have names that all regions of an account share, so each name begins
with the stack's name and region. A function's name has 64 characters at most.
"""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from constructs import Construct

from infra.api import Api
from infra.buckets import Buckets
from infra.cdn_secret import CdnSecret
from infra.declared_routes import list_routes
from infra.functions import GATEWAY_SECONDS
from infra.normalise_query import (
    generate_cloudfront_code,
    list_files,
    list_pages,
    list_searches_beside_api,
    list_uncached_patterns,
)
from infra.page_paths import generate_request_code, generate_response_code
from infra.site_policy import OPENER_POLICY, make_site_policy
from infra.stage import Stage
from stockroom.api.client_limits import CDN_HEADER
from stockroom.runtime.settings import Settings

# CloudFront stores errors for ten seconds even where they say no-store; a waking database is one.
ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]


class Cdn(Construct):
    """One distribution, whose behaviours follow from the routes: which answers are stored, and by which key.

    The renditions come from the images bucket; searches, pages and feeds from the API; all else is the page.
    Where the library is private, no answer to a search is stored.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        buckets: Buckets,
        api: Api,
        secret: CdnSecret,
        is_private: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self._api = origins.HttpOrigin(
            api.host,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            # Longer than API Gateway waits for a function: its answer comes first. When its own wait ends,
            # CloudFront asks again, three times in all.
            read_timeout=cdk.Duration.seconds(GATEWAY_SECONDS + 5),
            # A viewer's header of this name is replaced.
            custom_headers={CDN_HEADER: secret.value},
        )
        self._api_headers = self._add_headers(
            "ApiHeaders", content_security_policy="default-src 'none'; frame-ancestors 'none'"
        )
        site_headers = self._add_site_headers(buckets.uploads_origin)
        uncached = self._make_api_behavior(cloudfront.CachePolicy.CACHING_DISABLED)
        searches = (
            uncached
            if is_private
            else self._make_api_behavior(self._add_api_cache(), self._add_query_normaliser())
        )
        path_cache = self._add_path_cache()
        routes = list_routes()
        domain = stage.domain
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="Stockroom",
            default_behavior=self._make_site_behavior(buckets, site_headers),
            additional_behaviors={
                "/i/*": self._make_images_behavior(buckets),
                # Where answers may be stored, CloudFront does not pass Authorization on.
                **dict.fromkeys(list_uncached_patterns(routes), uncached),
                **dict.fromkeys(list_pages(routes), self._make_path_behavior(path_cache, site_headers)),
                **dict.fromkeys(list_files(routes), self._make_path_behavior(path_cache, self._api_headers)),
                **dict.fromkeys(list_searches_beside_api(routes), searches),
                "/api/*": searches,
            },
            default_root_object="index.html",
            web_acl_id=stage.web_acl,
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=cdk.Duration.seconds(0)) for status in ERRORS
            ],
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            # CloudFront's own certificate comes with its own, laxer rule.
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if domain else None,
            domain_names=[domain.name] if domain else None,
            certificate=(
                acm.Certificate.from_certificate_arn(self, "Certificate", domain.certificate_arn)
                if domain
                else None
            ),
        )

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins the page is served from."""
        if self._stage.local_origins:
            return self._stage.local_origins
        domain = self._stage.domain
        return (f"https://{domain.name if domain else self.distribution.distribution_domain_name}",)

    def _make_site_behavior(
        self, buckets: Buckets, headers: cloudfront.IResponseHeadersPolicy
    ) -> cloudfront.BehaviorOptions:
        """The page's files. Its paths are answered with the page, and all others with the page as a 404."""
        request = cloudfront.Function(
            self,
            "SpaFallback",
            function_name=_make_name("page"),
            code=cloudfront.FunctionCode.from_inline(generate_request_code()),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="Which file answers a path",
        )
        response = cloudfront.Function(
            self,
            "PageStatus",
            function_name=_make_name("status"),
            code=cloudfront.FunctionCode.from_inline(generate_response_code()),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="The page for paths that it does not have is a 404",
        )
        return cloudfront.BehaviorOptions(
            # LIST makes a file that is gone a 404 and not a 403; no path leads to the bucket itself.
            origin=origins.S3BucketOrigin.with_origin_access_control(
                buckets.site,
                origin_access_control=self._add_access_control("site"),
                origin_access_levels=[cloudfront.AccessLevel.READ, cloudfront.AccessLevel.LIST],
            ),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=headers,
            compress=True,
            function_associations=[
                cloudfront.FunctionAssociation(
                    function=request, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                ),
                cloudfront.FunctionAssociation(
                    function=response, event_type=cloudfront.FunctionEventType.VIEWER_RESPONSE
                ),
            ],
        )

    def _make_images_behavior(self, buckets: Buckets) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            # LIST makes a rendition that is gone a 404 and not a 403; no path under /i/ lists the bucket.
            origin=origins.S3BucketOrigin.with_origin_access_control(
                buckets.images,
                origin_access_control=self._add_access_control("images"),
                origin_access_levels=[cloudfront.AccessLevel.READ, cloudfront.AccessLevel.LIST],
            ),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._add_headers(
                "ImageHeaders", content_security_policy="default-src 'none'; sandbox"
            ),
            compress=False,
        )

    def _add_access_control(self, bucket: str) -> cloudfront.S3OriginAccessControl:
        return cloudfront.S3OriginAccessControl(
            self, f"Access-{bucket}", origin_access_control_name=_make_name(bucket)
        )

    def _add_query_normaliser(self) -> cloudfront.FunctionAssociation:
        function = cloudfront.Function(
            self,
            "NormaliseQuery",
            function_name=_make_name("query"),
            code=cloudfront.FunctionCode.from_inline(generate_cloudfront_code(list_routes())),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="Equal searches have equal addresses and share one cache entry",
        )
        return cloudfront.FunctionAssociation(
            function=function, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
        )

    def _make_api_behavior(
        self, cache_policy: cloudfront.ICachePolicy, *functions: cloudfront.FunctionAssociation
    ) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=self._api,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cache_policy,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            response_headers_policy=self._api_headers,
            compress=True,
            function_associations=list(functions) or None,
        )

    def _make_path_behavior(
        self, cache_policy: cloudfront.ICachePolicy, headers: cloudfront.IResponseHeadersPolicy
    ) -> cloudfront.BehaviorOptions:
        """What the API makes and a path alone finds: nothing else of a request reaches the function."""
        return cloudfront.BehaviorOptions(
            origin=self._api,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            cache_policy=cache_policy,
            response_headers_policy=headers,
            compress=True,
        )

    def _add_path_cache(self) -> cloudfront.CachePolicy:
        return cloudfront.CachePolicy(
            self,
            "PathCache",
            cache_policy_name=_make_name("path"),
            comment="As long as the answer's own Cache-Control says, whatever the query",
            min_ttl=cdk.Duration.seconds(0),
            default_ttl=cdk.Duration.seconds(0),
            max_ttl=cdk.Duration.days(1),
            query_string_behavior=cloudfront.CacheQueryStringBehavior.none(),
            header_behavior=cloudfront.CacheHeaderBehavior.none(),
            cookie_behavior=cloudfront.CacheCookieBehavior.none(),
            enable_accept_encoding_gzip=True,
            enable_accept_encoding_brotli=True,
        )

    def _add_api_cache(self) -> cloudfront.CachePolicy:
        return cloudfront.CachePolicy(
            self,
            "ApiCache",
            cache_policy_name=_make_name("api"),
            comment="As long as the API's own Cache-Control says",
            min_ttl=cdk.Duration.seconds(0),
            default_ttl=cdk.Duration.seconds(0),
            max_ttl=cdk.Duration.days(1),
            # A policy can list ten names, fewer than the API has. Unknown ones are in the key, too: the
            # answer to them is a 400, which is not stored.
            query_string_behavior=cloudfront.CacheQueryStringBehavior.all(),
            header_behavior=cloudfront.CacheHeaderBehavior.none(),
            cookie_behavior=cloudfront.CacheCookieBehavior.none(),
            enable_accept_encoding_gzip=True,
            enable_accept_encoding_brotli=True,
        )

    def _add_site_headers(self, uploads_origin: str) -> cloudfront.ResponseHeadersPolicy:
        issuers = Settings.from_environment(self._stage.settings).clients
        return self._add_headers(
            "SiteHeaders",
            content_security_policy=make_site_policy(uploads_origin, issuers),
            more={"Cross-Origin-Opener-Policy": OPENER_POLICY},
        )

    def _add_headers(
        self, construct_id: str, *, content_security_policy: str, more: Mapping[str, str] | None = None
    ) -> cloudfront.ResponseHeadersPolicy:
        headers = [
            cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
            for name, value in (more or {}).items()
        ]
        return cloudfront.ResponseHeadersPolicy(
            self,
            construct_id,
            response_headers_policy_name=_make_name(construct_id),
            custom_headers_behavior=(
                cloudfront.ResponseCustomHeadersBehavior(custom_headers=headers) if headers else None
            ),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=content_security_policy, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=cdk.Duration.days(365), override=True
                ),
            ),
        )


def _make_name(purpose: str) -> str:
    return f"{cdk.Aws.STACK_NAME}-{cdk.Aws.REGION}-{purpose}"
