"""Bodies that come compressed (RFC 9110, 8.4): read within the limit on what they hold, in bounded time and memory."""

import zlib

from service.messages import RequestHead
from service.problems import CODINGS, RequestError

_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_SLICE = 4096  # bytes that are handed to zlib at a time, which copies what it has not read yet
_MEMBERS = 1000  # gzip files in one body, behind each other; beginning one takes 10 us


def plain_body(head: RequestHead, body: bytes, most: int) -> bytes:
    """Give a body of at most `most` bytes without its coding; raise `RequestError` for one that cannot be."""
    named = (one.strip().lower() for one in head.header("content-encoding").split(","))
    codings = [one for one in named if one not in {"", "identity"}]
    if not codings:
        return body
    if len(codings) > 1 or codings[0] not in _WINDOWS:
        raise RequestError("unknown-encoding", f"Content-Encoding must be one of {CODINGS}, or left out")
    window = _WINDOWS[codings[0]]
    if codings[0] == "deflate" and not _has_zlib_head(body):
        window = -zlib.MAX_WBITS  # RFC 9110, 8.4.1.2: some send it bare
    try:
        return _inflated(body, window, most)
    except zlib.error as error:
        raise _broken() from error


def _has_zlib_head(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 15 == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0


def _inflated(body: bytes, window: int, most: int) -> bytes:
    found, members = bytearray(), 1
    engine = zlib.decompressobj(window)
    for start in range(0, len(body), _SLICE):
        part = body[start : start + _SLICE]
        while part:
            if engine.eof:
                members += 1
                if window < zlib.MAX_WBITS + 1 or members > _MEMBERS:
                    raise _broken()
                engine = zlib.decompressobj(window)
            found += engine.decompress(part, most + 1 - len(found))
            if len(found) > most:
                raise RequestError("body-too-large", f"the body must be at most {most} bytes, uncompressed")
            part = engine.unused_data if engine.eof else engine.unconsumed_tail
    if not engine.eof:
        raise _broken()
    return bytes(found)


def _broken() -> RequestError:
    return RequestError("broken-encoding", "the body must be whole, and compressed as Content-Encoding says")
