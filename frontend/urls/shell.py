"""The addresses of what belongs to no page: go to, or do; installing; what phones share."""

from django.urls import path

from frontend.views import installable, oldforms, palette, serverhealth, sharing

urlpatterns = [
    path("go/", palette.go, name="go"),
    path("app.webmanifest", installable.manifest, name="manifest"),
    path("other-account/", oldforms.other_account, name="other-account"),
    path("share/", sharing.share, name="share"),
    path("memories/shared/", sharing.shared, name="memory-shared"),
    path("settings/server/", serverhealth.page, name="server-health"),
]
