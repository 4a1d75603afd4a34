"""Which package answers which address."""

from django.urls import include, path

from config.health import health

urlpatterns = [
    path("api/v1/health", health, name="health"),
    path("api/v1/", include("api.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("frontend.urls")),
]
