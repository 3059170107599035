"""What a call is asked and what it answers, without a word of how either crosses a network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

JSON = "application/json"


class Answer(NamedTuple):
    """A response: its status, its body, and the headers that are its own."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str | None:
        """Give one of its own headers, named as it is written."""
        return next((value for given, value in self.headers if given == name), None)


@dataclass(frozen=True, slots=True)
class RequestHead:
    """A request before its body: the target as sent, and the headers by lower-case name, values of one name joined."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    peer: str = ""  # the address that the connection comes from
    version: str = "1.1"

    def header(self, name: str) -> str:
        """Give a header by its lower-case name, empty where there is none."""
        return self.headers.get(name, "")
