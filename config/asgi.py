"""The one ASGI application: static files, MCP, and Django in a bounded pool of threads.

Django runs behind its WSGI handler, which measured twice as fast as its ASGI handler. `/mcp`, which
can stream, has a branch of its own in `application`.
"""

import gc
import multiprocessing
import os
import signal
from importlib import import_module

from a2wsgi import WSGIMiddleware
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from servestatic import ServeStaticASGI

from config.bodies import WholeBodies
from config.metrics import serve_metrics
from config.processes import end_with_parent, keep_memory_private
from vault.granting.audience import MCP

keep_memory_private()
if multiprocessing.parent_process():
    # A granian that is killed outright would leave this process behind, holding the port.
    end_with_parent(signal.SIGKILL)

_wsgi = WSGIMiddleware(get_wsgi_application(), workers=settings.SATCHEL_WEB_THREADS)  # type: ignore[arg-type]
django = WholeBodies(_wsgi)  # type: ignore[arg-type]
static = ServeStaticASGI(
    django, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL, allow_all_origins=False
)


# Only now: Django is set up. Both work in the same threads, for which there are connections.
from api.mcp import server  # noqa: E402

mcp, _mcp_sdk = server.application(server.build(), _wsgi.executor)
serve_metrics(settings.SATCHEL_METRICS)

# All that is loaded now stays. The garbage collector would look through it again and again, and
# whichever request it came upon waited 150 ms for that.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["type"] == "lifespan":
        await _mcp_sdk(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] in (MCP, MCP + "/"):
        await mcp(scope, receive, send)
    else:
        await static(scope, receive, send)
