"""Remember this: what a phone shares with the installed app becomes a memory once its owner says
so, on the form with the words in it.

The phone posts without our token, so a forged post must be told apart by what only the browser can
say: a share begins at the system (`Sec-Fetch-Site: none`), a form of another site does not. A
forged one could otherwise replace the session of whoever is led to it.
"""

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.forms.basic import MemoryForm
from frontend.signin import aside
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from frontend.views import memory
from vault import collections
from vault.text import LONGEST

_NAME = "shared"
LONGEST_OF_A_STRANGER = 8_000
"""Characters kept of one who has yet to sign in."""
_BY_ITS_OWNER = frozenset({"none", "same-origin"})


@csrf_exempt
@require_POST
@sensitive_post_parameters()
@sensitive_variables()
def share(request: HttpRequest) -> HttpResponse:
    """Take what is shared along to the form, past signing in if need be. Nothing is saved."""
    if request.headers.get("Sec-Fetch-Site") not in _BY_ITS_OWNER:
        return render(request, "pages/share_refused.html", status=403)
    known = request.user.is_authenticated
    if not known and not ratelimit.consume(request, action="share"):
        return render(request, "429.html", status=429)
    words = worded(*(request.POST.get(name, "") for name in ("title", "text", "url")))
    aside.put(request, _NAME, words[: LONGEST if known else LONGEST_OF_A_STRANGER])
    return redirect("memory-shared")


@keeps_typed(fields_of(MemoryForm))
@vault_required
@sensitive_post_parameters()
@sensitive_variables()
def shared(request: VaultRequest) -> HttpResponse:
    """The form for a new memory, with what was shared in it. What is sent is a new memory's."""
    if request.method == "POST":
        answer = memory.new(request)
        if answer.status_code == 302:
            aside.drop(request, _NAME)
        return answer
    words = aside.peek(request, _NAME)
    listed = collections.listing(request.access)
    form = MemoryForm(initial={"text": words}, collections=listed)
    hand_back(request, form)
    context = {"form": form, "shared": True, "nothing": not form.initial["text"]}
    return render(request, "pages/memory_shared.html", context)


def worded(title: str, text: str, url: str) -> str:
    """One text of the three, none of them twice: many apps put the address into the text."""
    parts: list[str] = []
    for part in (title.strip(), text.strip(), url.strip()):
        if part and not any(part in other for other in parts):
            parts = [other for other in parts if other not in part] + [part]
    return "\n".join(parts)
