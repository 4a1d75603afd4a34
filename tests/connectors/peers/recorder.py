"""Records what a connector and a real server say to each other, in the form that `replay` plays.

recorder = Recorder(httpx.HTTPTransport(), forget={"embedding"})
with recorder.scene("check"):
    connector.check()
recorder.save("letta-archives", "Recorded live on ... against ...")
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.connectors.replay import RECORDINGS, _form


class Recorder(httpx.BaseTransport):
    """Hands every request on. Of answers, members named in `forget` are left out; of requests,
    headers in `headers` are kept, with their values; of answers those in `told`."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        forget: frozenset[str] = frozenset(),
        headers: tuple[str, ...] = (),
        told: tuple[str, ...] = (),
    ) -> None:
        self.inner, self.forget, self.headers, self.told = inner, forget, headers, told
        self.scenes: dict[str, list[dict[str, Any]]] = {}
        self._scene: list[dict[str, Any]] | None = None

    @contextmanager
    def scene(self, name: str) -> Iterator[None]:
        self._scene = self.scenes[name] = []
        try:
            yield
        finally:
            self._scene = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        response = self.inner.handle_request(request)
        content = response.read()
        if self._scene is not None:
            said = self._exchange(request, body, response.status_code, content)
            told = {name: response.headers[name] for name in self.told if name in response.headers}
            self._scene.append(said | ({"answer_headers": told} if told else {}))
        return httpx.Response(response.status_code, content=content, headers=_plain(response))

    def save(self, slug: str, origin: str) -> None:
        said = json.dumps({"origin": origin, "scenes": self.scenes}, indent=1, ensure_ascii=False)
        (RECORDINGS / f"{slug}.json").write_text(said + "\n")

    def _exchange(
        self, request: httpx.Request, body: bytes, status: int, content: bytes
    ) -> dict[str, Any]:
        said: dict[str, Any] = {"request": f"{request.method} {request.url.raw_path.decode()}"}
        sent = (name for name in self.headers if name in request.headers)
        said["headers"] = {name: request.headers[name] for name in sent}
        if request.headers.get("content-type", "").startswith("multipart/"):
            said["form"] = _form(request)
        elif body:
            said["body"] = json.loads(body)
        return said | {"status": status, **self._answer(content)}

    def _answer(self, content: bytes) -> dict[str, Any]:
        try:
            return {"answer": self._kept(json.loads(content))}
        except ValueError:
            return {"text": content.decode()}

    def _kept(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._kept(one) for name, one in value.items() if name not in self.forget}
        return [self._kept(one) for one in value] if isinstance(value, list) else value


def _plain(response: httpx.Response) -> dict[str, str]:
    """What was unpacked is not packed any more."""
    gone = {"content-encoding", "content-length", "transfer-encoding"}
    return {name: value for name, value in response.headers.items() if name.lower() not in gone}
