"""Requests as their bytes come in: llhttp, through httptools, reads them, and heads have their limits here."""

from typing import Protocol

import httptools

from service.messages import RequestHead

HEAD_BYTES, FIELD_BYTES = 32_768, 8192  # of a request's first line and headers, and of each; browsers send up to 8 KiB
HEADERS_MOST = 100
_CODINGS = {"1.0": {""}, "1.1": {"", "chunked"}}  # of bodies, by version
_FRAMING = ("content-length", "transfer-encoding")


class MalformedError(Exception):
    """What came is not HTTP/1, or its head is over a limit."""


class Listener(Protocol):
    """Whoever is told of requests, in the order in which they come."""

    def head_began(self) -> None:
        """The first byte of a request has come."""

    def head_ended(self, head: RequestHead) -> None:
        """A head is there."""

    def body_came(self, part: bytes) -> None:
        """A part of its body is there."""

    def body_ended(self, *, closing: bool) -> None:
        """It is whole; with `closing`, no other request is to come after it."""


class Incoming:
    """Reads what one client sends; httptools calls its methods `on_*`."""

    def __init__(self, listener: Listener, peer: str) -> None:
        self._listener, self._peer = listener, peer
        self._parser = httptools.HttpRequestParser(self)
        self.in_head = False
        self._began, self._unfinished = (
            False,
            0,
        )  # a head began in what came last; bytes that came since without its end
        # another protocol is asked for; what is read was said before
        self._upgrading = self._muted = False
        self._begin()

    def _begin(self) -> None:
        self._target, self._headers, self._size, self._fields = b"", dict[str, str](), 0, 0
        self._head: RequestHead | None = None

    def feed(self, data: bytes) -> None:
        """Read on; raise `MalformedError`, after which there is nothing to be read."""
        self._began = False
        rest: bytes | None = data
        try:
            while rest is not None:
                rest = self._fed(rest)
        except httptools.HttpParserError as error:
            raise MalformedError from error
        if self.in_head and not self._began:
            self._unfinished += len(data)
            if self._unfinished > 2 * HEAD_BYTES:  # one header, whose end does not come
                raise MalformedError

    def _fed(self, data: bytes) -> bytes | None:
        """Read, and give what is left to be read because another protocol was asked for, which nobody is granted.

        It is read on as if that had not been asked (RFC 9110, 7.8); httptools leaves out the body then. Java's
        HttpClient asks with every request.
        """
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parser = httptools.HttpRequestParser(self)
            if self._head is None:
                return None
            framing = [f"{name}: {self._head.headers[name]}\r\n" for name in _FRAMING if name in self._head.headers]
            if "close" in self._head.header("connection").lower():
                framing.append("connection: close\r\n")
            self._upgrading, self._muted = False, True
            try:
                self._parser.feed_data(f"POST / HTTP/{self._head.version}\r\n{''.join(framing)}\r\n".encode("latin-1"))
            finally:
                self._muted = False
            return data[upgrade.args[0] :]
        return None

    # what httptools calls

    def on_message_begin(self) -> None:
        """Note the first byte of a request."""
        if not self._muted:
            self._begin()
            self.in_head, self._began, self._unfinished = True, True, 0
            self._listener.head_began()

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        if not self._muted:
            self._target += url
            self._grow(len(url), len(self._target))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; values of one name are joined (RFC 9110, 5.3). What stands behind a body is let go by."""
        if self._muted:
            return
        self._fields += 1
        self._grow(len(name) + len(value), len(value))
        if self.in_head:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        """Hand on the head."""
        self.in_head = False
        if self._muted:
            return
        self._upgrading = self._parser.should_upgrade()
        method, version = self._parser.get_method().decode("latin-1"), self._parser.get_http_version()
        coding = self._headers.get("transfer-encoding", "").strip().lower()
        if (
            version not in _CODINGS or coding not in _CODINGS[version]
        ):  # RFC 9112, 6.1: one that is not known is no body
            raise MalformedError
        self._head = RequestHead(method, self._target.decode("latin-1"), self._headers, self._peer, version)
        self._listener.head_ended(self._head)

    def on_body(self, part: bytes) -> None:
        """Hand on a part of the body."""
        self._listener.body_came(part)

    def on_message_complete(self) -> None:
        """Say that a request is whole."""
        if self._muted or not self._upgrading:
            self._listener.body_ended(closing=not self._parser.should_keep_alive())

    def _grow(self, more: int, field: int) -> None:
        self._size += more
        if field > FIELD_BYTES or self._size > HEAD_BYTES or self._fields > HEADERS_MOST:
            raise MalformedError  # which httptools hands on as an error of its own
