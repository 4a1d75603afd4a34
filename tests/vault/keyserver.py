"""A key server as HashiCorp's and OpenBao's documentation of the transit engine describes it.

It stands in for a real one, which is no Python or Debian package: what is tested is that our side
speaks the documented API, not that theirs keeps it.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

TOKEN = "a-token-of-the-tests"


class KeyServer:
    """`keys` are (versions, deletion allowed) by name; `status` makes every answer fail with it."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, Any]] = {}
        self.status = 0
        self.calls: list[str] = []
        self.renewed = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                pass

            def answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size) or b"{}")
                status, data = server.handle(
                    self.command, self.path, self.headers.get("X-Vault-Token", ""), body
                )
                words = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(words)))
                self.end_headers()
                self.wfile.write(words)

            do_GET = do_POST = do_PUT = do_DELETE = do_LIST = answer

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def rotate(self, name: str) -> None:
        """What an operator may do there at any time."""
        self.keys[name]["versions"].append(secrets.token_bytes(32))

    def handle(self, method: str, path: str, token: str, body: Any) -> tuple[int, Any]:
        self.calls.append(f"{method} {path}")
        if self.status:
            return self.status, {"errors": ["failing as told"]}
        if token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        path = path.removeprefix("/v1/")
        if path.startswith("auth/token/"):
            self.renewed += path.endswith("renew-self")
            return 200, {"data": {"renewable": True}, "auth": {"client_token": TOKEN}}
        parts = path.removeprefix("transit/").split("/")
        if parts[0] == "hmac":
            return self._hmac(parts[1], body)
        return self._keys(method, parts[1:], body)

    def _hmac(self, name: str, body: Any) -> tuple[int, Any]:
        if name not in self.keys:
            return 400, {"errors": ["encryption key not found"]}
        versions = self.keys[name]["versions"]
        version = body.get("key_version") or len(versions)
        assert body["algorithm"] == "sha2-256"
        message = base64.b64decode(body["input"])
        tag = hmac.digest(versions[version - 1], message, hashlib.sha256)
        return 200, {"data": {"hmac": f"vault:v{version}:{base64.b64encode(tag).decode()}"}}

    def _keys(self, method: str, parts: list[str], body: Any) -> tuple[int, Any]:
        if not parts or parts == [""] or method == "LIST" or parts[0].startswith("?list"):
            return (200, {"data": {"keys": sorted(self.keys)}}) if self.keys else (404, {})
        name = parts[0].split("?")[0]
        if parts[1:] == ["config"]:
            self.keys[name]["deletion_allowed"] = body["deletion_allowed"]
        elif method in ("POST", "PUT"):
            new = {"versions": [secrets.token_bytes(32)], "deletion_allowed": False}
            self.keys.setdefault(name, new)
        else:
            return self._key(method, name)
        return 200, {}

    def _key(self, method: str, name: str) -> tuple[int, Any]:
        if name not in self.keys:
            return 404, {"errors": []}
        if method == "DELETE":
            if not self.keys[name]["deletion_allowed"]:
                return 400, {"errors": ["deletion is not allowed for this policy"]}
            del self.keys[name]
            return 204, {}
        return 200, {"data": {"name": name, "latest_version": len(self.keys[name]["versions"])}}
