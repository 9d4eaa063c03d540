"""The HTTP connection below the `ollama` package: what it adds to requests, and how much of an answer it takes.

Imports httpx, so it is imported when a question is on its way to a model, never before.
"""

import json
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from assistant.models.deadline import Deadline

LONGEST_LINE = 1024 * 1024  # bytes; a piece of an answer is a few hundred, a vector about 100,000
LARGEST_ANSWER = 16 * 1024 * 1024  # bytes


class Transport(httpx.HTTPTransport):
    """Asks the server never to cut, limits what it sends, and lets a deadline end the connection.

    Adds `truncate: false` (and for chats `shift: false`), for which the client has no field: without them a server cuts
    what does not fit num_ctx, at the prompt's beginning or in mid-answer, silently. Raises httpx.RemoteProtocolError
    where an answer is compressed or exceeds LONGEST_LINE or LARGEST_ANSWER.
    """

    def __init__(self, *, encrypted: bool, deadline: Deadline) -> None:
        # Loading the system's certificates takes 40 ms; plain HTTP needs none.
        super().__init__(verify=True if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False)
        self._deadline = deadline

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and return the answer, which is read under the limits."""
        response = super().handle_request(self._uncut(request))
        if response.headers.get("content-encoding", "identity").lower() != "identity":  # few bytes could mean many
            response.close()
            raise httpx.RemoteProtocolError("the answer is compressed")
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_Limited(response),
            extensions=response.extensions,
        )

    def _uncut(self, request: httpx.Request) -> httpx.Request:
        extensions = {**request.extensions, "trace": self._watch}
        path, body, headers = request.url.path, request.read(), request.headers.raw
        if request.method == "POST" and path in ("/api/chat", "/api/embed"):
            added: dict[str, Any] = {"truncate": False} | ({"shift": False} if path == "/api/chat" else {})
            body = json.dumps(json.loads(body) | added).encode()
            headers = [(key, value) for key, value in headers if key.lower() != b"content-length"]
        return httpx.Request(request.method, request.url, headers=headers, content=body, extensions=extensions)

    def _watch(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._deadline.watch(info["return_value"].get_extra_info("socket"))


class _Limited(httpx.SyncByteStream):
    """The bytes of an answer, up to the limits."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        total = line = 0
        for chunk in self._response.iter_raw():
            total += len(chunk)
            line = len(chunk) - chunk.rfind(b"\n") - 1 if b"\n" in chunk else line + len(chunk)
            if total > LARGEST_ANSWER or line > LONGEST_LINE:
                raise httpx.RemoteProtocolError("the answer is too large")
            yield chunk

    def close(self) -> None:
        """Close the response that is being counted."""
        self._response.close()
