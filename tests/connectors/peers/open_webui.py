"""Open WebUI's memories.

In a virtual environment of its own: pip install open-webui; then, with DATA_DIR in a temporary
folder, ENABLE_API_KEYS=true, OFFLINE_MODE=true, RAG_EMBEDDING_ENGINE=openai, an embeddings server
as RAG_OPENAI_API_BASE_URL (tests/embeddings_api.py is one) and WEBUI_SECRET_KEY:
open-webui serve --host 127.0.0.1 --port 8080; then here, where it has no user yet:
python -m tests.connectors.peers.open_webui http://127.0.0.1:8080
"""

import sys
from typing import Any

import httpx
import pytest

from connectors.base.errors import AuthError
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.openwebui.remote import OpenWebUI
from tests.connectors.peers.drive import Drive

EMAIL, PASSWORD = "ada@example.org", "not-a-real-password"


def main(address: str) -> None:
    api = httpx.Client(base_url=f"{address}/api", timeout=60)
    api.headers["authorization"] = f"Bearer {_signed_in(api)}"
    key = api.post("/v1/auths/api_key").raise_for_status().json()["api_key"]
    drive = Drive(OpenWebUI, {"base_url": address, "email": EMAIL, "api_key": key})
    drive.run()
    with pytest.raises(AuthError):
        _with_key(address, "sk-wrong").check()
    version = api.get("/version").json()["version"]
    drive.end(f"Open WebUI {version}, its embeddings by a stand-in")


def _signed_in(api: httpx.Client) -> str:
    said: dict[str, Any] = {"name": "Ada", "email": EMAIL, "password": PASSWORD}
    answer = api.post("/v1/auths/signup", json=said)
    if answer.is_error:
        answer = api.post("/v1/auths/signin", json=said)
    return str(answer.raise_for_status().json()["token"])


def _with_key(address: str, key: str) -> Remote:
    options = filled(OpenWebUI.Options, {"base_url": address, "email": EMAIL, "api_key": key})
    return Remote(OpenWebUI(options, httpx.Client()))


if __name__ == "__main__":
    main(sys.argv[1])
