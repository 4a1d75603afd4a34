"""The addresses of what waits for the owner's word."""

from django.urls import path
from django.views.generic import RedirectView

from frontend.views import review, reviewmany, takingback

_OLD = RedirectView.as_view(url="/review/?kind=suggestion")

urlpatterns = [
    path("review/", review.page, name="review"),
    path("review/suggestions/<uuid:suggestion_id>/", review.suggestion, name="review-suggestion"),
    path("review/held/<uuid:memory_id>/", review.held, name="review-held"),
    path("review/pairs/<uuid:pair_id>/", review.pair, name="review-pair"),
    path("review/many/", reviewmany.many, name="review-many"),
    path("review/undo/<slug:token>/", reviewmany.undo, name="review-undo"),
    path("grants/<uuid:grant_id>/brought/", takingback.brought, name="grant-brought"),
    path("suggestions/", _OLD, name="suggestions"),
    path("suggestions/<uuid:suggestion_id>/accept/", _OLD, name="suggestion-accept"),
    path("suggestions/<uuid:suggestion_id>/decline/", _OLD, name="suggestion-decline"),
]
