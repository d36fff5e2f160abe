"""nginx in CloudFront's place: one port, CloudFront's routing, and answers cached as their headers say.

nginx hands on what CloudFront would hand on. The AWS emulator behind it has routes of its own beside the
services, and these are for nobody who comes through the CDN.
"""

import os
import shutil
import signal
import subprocess
import textwrap
from pathlib import Path

from infra.site_policy import OPENER_POLICY, make_site_policy
from local import emulator, processes
from local.guarded_emulator import SECRET_HEADER
from local.layout import Layout, write_text
from stockroom.api.client_limits import CDN_HEADER
from stockroom.runtime.settings import Settings
from tooling import programs
from tooling.errors import ToolError
from tooling.ports import HOST, is_free, is_open

NAME = "cdn"
# The name by which nginx reaches its own second cache.
SHIELD = "origin-shield"
# For so long nginx gives a rendition without a look at the bucket.
RENDITION_SECONDS = 60
# More than the start of a function and its first answer take.
LOCK_SECONDS = 5
RELEASE_SECONDS = 2
HTTP_PORT = 80

# str.format fills in {names}; nginx's own braces are doubled.
TEMPLATE = """\
# `make up` writes this file; changes are lost.
{user}daemon off;
worker_processes 2;
pid {folder}/pid;
error_log {error_log} warn;
events {{ worker_connections 1024; }}
http {{
  types {{ }}
  default_type application/octet-stream;
  # Without the query, which may be a presigned one.
  map $request_uri $logged_path {{
    "~^(?<path_without_query>[^?]*)" $path_without_query;
  }}
  log_format cdn '$time_iso8601 $request_method $logged_path $status $body_bytes_sent $request_time $x_cache';
  access_log {access_log} cdn;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_cache_path {folder}/cache levels=1:2 keys_zone=cdn:10m max_size=512m inactive=24h use_temp_path=off;
  # Answers stay for those who wait for them: longer than any answer takes, or nginx would complain.
  proxy_cache_path {folder}/shield levels=2 keys_zone=shield:10m max_size=64m inactive=60s use_temp_path=off;

  server_tokens off;
  sendfile on;
  tcp_nopush on;
  absolute_redirect off;
  keepalive_timeout 75s;
  gzip on;
  # CloudFront compresses with brotli, too, which is smaller still.
  gzip_comp_level 6;
  gzip_proxied any;
  gzip_vary on;
  gzip_min_length 1000;
  gzip_types text/css text/javascript text/plain application/javascript application/json
             application/problem+json application/manifest+json image/svg+xml
             application/xml application/atom+xml application/feed+json;

  map $upstream_cache_status $x_cache {{
    default "Miss from cloudfront";
    HIT "Hit from cloudfront";
    STALE "Hit from cloudfront";
    UPDATING "Hit from cloudfront";
    REVALIDATED "RefreshHit from cloudfront";
  }}

  # What decides about storing an answer is Cache-Control alone, as in CloudFront.
  proxy_ignore_headers Set-Cookie Vary;

  # Equal searches share one stored answer, as in CloudFront: infra/normalise_query.py.
{normalising_maps}

  # Which file of the page answers a path, as in CloudFront: infra/page_paths.py.
{page_map}

  upstream aws {{
    server {emulator};
    keepalive 64;
    # Less than the emulator's 75 s: a connection that the emulator closes during a request loses the request.
    keepalive_timeout 30s;
  }}
  upstream shield {{
    server 127.0.0.1:{port};
    keepalive 64;
    keepalive_timeout 30s;
  }}

  # The distribution answers TLS alone; browsers trust the loopback interface as they trust TLS.
  proxy_set_header X-Forwarded-Proto https;
  # What may be stored is stored uncompressed, and compressed for each client. All else is compressed by the
  # functions, as CloudFront does not do it.
  map "$may_be_stored $request_method" $passed_encoding {{
    default $http_accept_encoding;
    "yes GET" "";
    "yes HEAD" "";
  }}
  proxy_set_header Accept-Encoding $passed_encoding;
  proxy_set_header Connection "";
  proxy_set_header X-Forwarded-For $client_address;
  proxy_set_header Host $origin;
  proxy_set_header Authorization $passed_authorization;
  # As in the distribution: the functions believe X-Forwarded-For of requests with this header.
  proxy_set_header {cdn_header} {cdn_secret};
  # The emulator answers nobody else who does not sign.
  proxy_set_header {emulator_header} {emulator_secret};
  proxy_http_version 1.1;
  # One holds the key of a stored answer and its headers: a long question, and two links to its pages.
  proxy_buffer_size 16k;
  proxy_buffers 8 16k;
  proxy_read_timeout 60s;
  # Where answers may be stored, CloudFront reads without passing a token on.
  map "$may_be_stored $request_method" $passed_authorization {{
    default $http_authorization;
    "yes GET" "";
    "yes HEAD" "";
  }}
  # The shield is asked by the first cache alone, and passes on whom that has named.
  map "$server_name $http_{cdn_variable}" $client_address {{
    default $remote_addr;
    "{shield} {cdn_secret}" $http_x_forwarded_for;
  }}

  # Any other name than this machine's is that of a page elsewhere, whose owner has had it lead here.
  server {{
    listen 127.0.0.1:{port} default_server;
    server_name _;
    return 421;
  }}

  server {{
    listen 127.0.0.1:{port};
    server_name localhost 127.0.0.1;

    proxy_hide_header X-Cache;
    add_header X-Cache $x_cache always;
    # Where an answer allows stale-while-revalidate, the client gets the stale one at once.
    proxy_cache_background_update on;
    set $origin {distribution_host};
    set $may_be_stored yes;

    # The page. It has its own answer for the paths that it does not have.
    location / {{
      error_page 404 @missing;
      if ($page = /{missing}) {{
        return 404;
      }}
      rewrite ^ $page? break;
{from_bucket}      # CloudFront's default for what says nothing itself.
      proxy_cache_valid 200 24h;
    }}
    location @missing {{
      rewrite ^ $page? break;
{from_bucket}      proxy_cache_valid 200 24h;
    }}

    # Renditions.
    location /i/ {{
{from_bucket}      # CloudFront is told of deletions; nginx looks by itself, this often.
      proxy_cache_valid 200 {rendition_seconds}s;
      proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;
    }}

    # The emulator's own routes.
    location ~ ^/(?:_|health$) {{
      return 404;
    }}

    # The API. HEAD stays HEAD (the API has no such route).
    location /api/ {{
      set $origin {api_host};
{api_cache}      client_max_body_size 10m;
      proxy_pass http://aws;
    }}

    # Pages that the API makes, and files such as a sitemap: nothing of the request but its path counts.
    location ~ {pages} {{
      set $origin {api_host};
      add_header X-Cache $x_cache always;
      add_header Content-Security-Policy "{site_policy}" always;
      add_header Cross-Origin-Opener-Policy {opener_policy} always;
{by_path}    }}
    location ~ {files} {{
      set $origin {api_host};
{by_path}    }}

{collapsed_location}
    # Feeds and their like. nginx takes the first location that fits, so these are of a private library.
    location ~ {searches_beside_api} {{
      set $origin {api_host};
{api_cache}      client_max_body_size 10m;
      proxy_pass http://aws;
    }}

    # Answers that belong to one person are never stored.
    location ~ {uncached_paths} {{
      set $origin {api_host};
      set $may_be_stored no;
      gzip off;
      client_max_body_size 10m;
      proxy_pass http://aws;
    }}

    # Presigned requests go straight to S3, as on AWS. S3 checks the size, and the signature, which covers the
    # host that the function has signed; so nginx neither limits nor stores anything.
    location /{uploads_bucket}/ {{
      set $origin {uploads_host};
      set $may_be_stored no;
      # nginx writes whole addresses into its log of errors, and these have signatures.
      error_log {error_log} crit;
      limit_except GET PUT OPTIONS {{ deny all; }}
      # The emulator tells its services apart by this header, whatever the address.
      if ($http_x_amz_target) {{
        return 403;
      }}
      client_max_body_size 0;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_read_timeout 300s;
      proxy_pass http://aws;
    }}
  }}

  # The origin shield, a second cache behind the first one. Of simultaneous requests for one question it sends
  # the first to the origin; the others wait for its answer. Whatever it stores, it stores under the question
  # and the time of the expired answer, because nginx has no lock for the renewal of what is stored already.
  server {{
    listen 127.0.0.1:{port};
    server_name {shield};
    access_log off;
    set $origin {api_host};
    # The first cache has decided what is passed on.
    set $may_be_stored no;
    client_max_body_size 10m;
    # Anybody may name the shield as their host.
    if ($http_{cdn_variable} != "{cdn_secret}") {{
      return 421;
    }}

    location / {{
      proxy_cache shield;
      proxy_cache_key "$request_method $normalised_uri $http_if_modified_since";
      proxy_cache_convert_head off;
      proxy_cache_lock on;
      # A request that has waited for so long goes to the origin, as do those after it.
      proxy_cache_lock_timeout {lock_seconds}s;
      proxy_cache_lock_age {lock_seconds}s;
      # The time by which the first cache names this answer when it has expired there.
      add_header Last-Modified $upstream_http_date;
      proxy_pass http://aws;
    }}
  }}
}}
"""

# What comes from a bucket, the page and renditions: as in the distribution, nothing of the request but its
# path counts.
FROM_BUCKET = """\
      rewrite ^ $uri? break;
      limit_except GET { deny all; }
      proxy_cache cdn;
      proxy_cache_key "$request_method $uri";
      proxy_cache_revalidate on;
      proxy_pass_request_headers off;
      proxy_pass http://aws;
"""

# What the API makes and a path alone finds.
BY_PATH = """\
      rewrite ^ $uri? break;
      limit_except GET { deny all; }
      proxy_cache cdn;
      proxy_cache_key "$request_method $uri";
      proxy_cache_convert_head off;
      proxy_pass_request_headers off;
      proxy_pass http://aws;
"""

# The API of a public library, and that of a private one, where every answer belongs to one person.
API_CACHE = """\
      proxy_cache cdn;
      proxy_cache_key "$request_method $normalised_uri";
      proxy_cache_convert_head off;
"""
NO_API_CACHE = """\
      set $may_be_stored no;
      gzip off;
"""

# Only for answers that may be stored: those who ask for any other would wait for each other in vain.
COLLAPSED_LOCATION = """
    # Answers that everybody may have: simultaneous requests for one of them become one, in the origin shield.
    location ~ {stored_paths} {{
      set $origin {shield};
      proxy_cache cdn;
      proxy_cache_key "$request_method $normalised_uri";
      proxy_cache_convert_head off;
      # The shield learns by If-Modified-Since which answer has expired. Whether it has changed is not asked.
      proxy_cache_revalidate on;
      proxy_set_header If-None-Match "";
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header Accept-Encoding "";
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header {cdn_header} {cdn_secret};
      proxy_set_header Host $origin;
      proxy_set_header Authorization $passed_authorization;
      proxy_hide_header X-Cache;
      proxy_hide_header Last-Modified;
      client_max_body_size 10m;
      proxy_pass http://shield;
    }}
"""


def render(
    layout: Layout,
    *,
    emulator_port: int,
    api_id: str,
    distribution: str,
    uploads_bucket: str,
    is_private: bool,
    root: bool,
) -> str:
    """nginx's configuration for one stack.

    `is_private`: whether reading the library needs a token; its answers are stored nowhere, so nobody waits
    for another's. `root`: whether root starts nginx; without a `user` line its workers become a user who
    cannot read the data folder.
    """
    # Most commands start no nginx, and would wait for the import of all functions.
    from infra import normalise_query, page_paths
    from infra.declared_routes import list_routes

    routes = list_routes()
    settings = Settings.from_environment(os.environ)
    stored_paths = normalise_query.make_nginx_location(normalise_query.list_stored_paths(routes))
    collapsed_location = COLLAPSED_LOCATION.format(
        stored_paths=stored_paths, shield=SHIELD, cdn_header=CDN_HEADER, cdn_secret=secret(layout)
    )
    return TEMPLATE.format(
        from_bucket=FROM_BUCKET,
        rendition_seconds=RENDITION_SECONDS,
        by_path=BY_PATH,
        pages=normalise_query.make_nginx_location(normalise_query.list_pages(routes)),
        files=normalise_query.make_nginx_location(normalise_query.list_files(routes)),
        searches_beside_api=normalise_query.make_nginx_location(
            normalise_query.list_searches_beside_api(routes)
        ),
        # The endpoint that infra/stage.py has presigned URLs name.
        site_policy=make_site_policy(f"http://{HOST}:{layout.port}", settings.clients),
        opener_policy=OPENER_POLICY,
        api_cache=NO_API_CACHE if is_private else API_CACHE,
        user=f"user root {_root_group()};\n" if root else "",
        folder=_folder(layout),
        error_log=layout.log(NAME),
        access_log=layout.log("access"),
        emulator=f"{HOST}:{emulator_port}",
        port=layout.port,
        api_host=f"{api_id}.execute-api.localhost",
        distribution_host=distribution,
        uploads_bucket=uploads_bucket,
        # As in the URLs that the functions sign; clients leave the port out where it is http's own.
        uploads_host=HOST if layout.port == HTTP_PORT else f"{HOST}:{layout.port}",
        emulator_header=SECRET_HEADER,
        emulator_secret=emulator.secret(layout),
        cdn_header=CDN_HEADER,
        cdn_variable=CDN_HEADER.lower().replace("-", "_"),
        cdn_secret=secret(layout),
        normalising_maps=textwrap.indent(normalise_query.generate_nginx_maps(routes), "  "),
        page_map=textwrap.indent(page_paths.generate_nginx_map(), "  "),
        missing=page_paths.MISSING,
        shield=SHIELD,
        lock_seconds=LOCK_SECONDS,
        collapsed_location="" if is_private else collapsed_location,
        uncached_paths=normalise_query.make_nginx_location(normalise_query.list_uncached_patterns(routes)),
    )


def secret(layout: Layout) -> str:
    """The value by which the functions know that a request comes through nginx, drawn at the first call."""
    return layout.secret("cdn.secret")


def ensure(layout: Layout) -> bool:
    """Have nginx run with the configuration of this stack; True when it was started or reloaded.

    Raises ToolError when another program has the stack's port.
    """
    outputs = layout.outputs()
    text = render(
        layout,
        emulator_port=layout.port_of(emulator.NAME),
        api_id=outputs["ApiId"],
        distribution=outputs["DistributionDomain"],
        uploads_bucket=outputs["UploadsBucket"],
        is_private=Settings.from_environment(os.environ).visibility == "private",
        root=os.geteuid() == 0,
    )
    path = _folder(layout) / "nginx.conf"
    before = path.read_text() if path.exists() else ""
    is_current = before == text
    leader = processes.running(layout, NAME)
    if leader and is_current and is_open(layout.port):
        return False
    if leader and not is_current and f"listen {HOST}:{layout.port};" in before:
        write_text(path, text, mode=0o600)
        os.kill(leader, signal.SIGHUP)
        return True
    processes.stop(layout, NAME)
    claim_port(layout)
    write_text(path, text, mode=0o600)
    # Without -e nginx would complain about the system's log folder before it reads its configuration.
    command = [
        programs.require("nginx"),
        "-p",
        str(path.parent),
        "-e",
        str(layout.log(NAME)),
        "-c",
        str(path),
    ]
    checked = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True, check=False)
    if checked.returncode != 0:
        raise ToolError(f"nginx refuses its configuration: {checked.stderr.strip()}", log=layout.log(NAME))
    env = {"PATH": os.defpath, "HOME": str(path.parent)}
    child = processes.start(layout, NAME, command, env=env, cwd=path.parent)
    processes.wait_ready(layout, NAME, child, lambda: is_open(layout.port), patience=60)
    return True


def claim_port(layout: Layout) -> None:
    """Raise ToolError when the stack's port belongs to another program."""
    if not processes.running(layout, NAME):
        # Workers whose leader was killed still hold the port.
        processes.stop(layout, NAME)
        # The system closes the sockets of a process that was killed a moment after the process is gone.
        if not processes.wait_until(lambda: is_free(layout.port), RELEASE_SECONDS):
            raise ToolError(f"port {layout.port} is taken by another program: choose one with PORT=…")


def clear_cache(layout: Layout) -> None:
    """Remove every stored answer; nginx takes a file that is gone for one that it never had."""
    for cache in ("cache", "shield"):
        for folder in (_folder(layout) / cache).glob("*"):
            shutil.rmtree(folder, ignore_errors=True)


def stop(layout: Layout) -> bool:
    return processes.stop(layout, NAME, patience=5)


def _folder(layout: Layout) -> Path:
    return layout.folder("nginx")


def _root_group() -> str:
    import grp

    return grp.getgrgid(0).gr_name
