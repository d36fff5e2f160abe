"""The HTTP side: routes, requests and answers, sign-ins, caching, and the OpenAPI document."""
