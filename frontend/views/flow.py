"""Flow: where memories come from, where they lie, and who may read them, as a picture."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from frontend.presenters.flownodes import flow as flow_of
from frontend.presenters.flowpicture import picture
from frontend.signin.gate import VaultRequest, vault_required


@vault_required
def flow(request: VaultRequest) -> HttpResponse:
    found = flow_of(request.access)
    drawn = picture(found, ("#sources", "#places", "#readers"))
    most = max([node.count for node in (*found.sources, *found.places, *found.readers)] + [1])
    stopped = [node for node in (*found.sources, *found.readers) if node.why]
    context = {"flow": found, "picture": drawn, "most": str(most), "stopped": stopped}
    context |= {"connections": reverse("connections")}
    return render(request, "pages/flow.html", context)
