"""The description of the API, and the page to try it on."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from apps.core.api import GuardedAPI
from apps.core.rights import OWN_WORK


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the document how programs sign in: with a token of the page 访问令牌."""

    target_class = "apps.accounts.tokens.TokenAuthentication"
    name = "访问令牌"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


@extend_schema(exclude=True)
class SchemaView(GuardedAPI, SpectacularAPIView):
    """The OpenAPI document of /api/v1/."""

    permission = OWN_WORK


@extend_schema(exclude=True)
class SwaggerView(GuardedAPI, SpectacularSwaggerSplitView):
    """Swagger UI from local files; it runs under the same content security policy as every page."""

    permission = OWN_WORK
    url_name = "api-schema"
    template_name = "portal/api_docs.html"
