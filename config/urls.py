"""Which package answers which address."""

from django.urls import include, path
from django.views.generic import RedirectView

from api.notices import notice
from api.oauth import urls as oauth
from frontend.views.consent import Consent

_consent = path("oauth/authorize", Consent.as_view(), name="authorize")
urlpatterns = [
    path("", include(([*oauth.patterns, _consent], oauth.NAMESPACE))),
    path("api/v1/", include("api.urls")),
    path("hooks/<str:token>", notice, name="notice"),
    path("accounts/email/", RedirectView.as_view(pattern_name="address")),  # our own page
    path("accounts/", include("allauth.account.urls")),
    path("", include("frontend.urls")),
]
