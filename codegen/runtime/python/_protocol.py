"""What both clients share: requests, answers and retries, without any input or output."""

from __future__ import annotations

import json
import random
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import Any, Callable, Dict, Generic, List, Mapping, NamedTuple, Optional, Tuple, TypeVar, cast
from urllib.parse import urlsplit

from ._errors import (
    BAD_RESPONSE,
    CONNECTION_FAILED,
    DEADLINE_EXCEEDED,
    BadResponseError,
    ConnectionFailedError,
    DatafaceError,
    DeadlineExceededError,
    classes_by_code,
)

Data = TypeVar("Data")

#: Seconds a call may take unless it says otherwise.
DEFAULT_TIMEOUT = 60.0
DEFAULT_RETRIES = 2
#: The longest wait that a server may ask for, seconds.
LONGEST_WAIT = 60.0
#: Seconds by which a timer may ring early.
TIMER_SLACK = 0.05
#: Statuses that are worth another attempt when the answer does not say so itself.
RETRIED_STATUSES = frozenset((408, 425, 429, 500, 502, 503, 504))


class Answer(Generic[Data]):
    """The whole answer of a successful call."""

    __slots__ = ("data", "headers", "meta", "status", "warnings")

    def __init__(
        self,
        data: Data,
        warnings: List[Dict[str, str]],
        meta: Dict[str, Any],
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        self.data = data
        #: Things to know about the data: ``code`` and ``message`` each.
        self.warnings = warnings
        #: ``request_id``, ``contract``, ``project``, ``timing_ms`` and more.
        self.meta = meta
        self.status = status
        #: Names are in lower case.
        self.headers = headers


class Request(NamedTuple):
    """A call as it is sent; hooks receive it."""

    tool: str
    path: str
    headers: Dict[str, str]
    body: bytes
    #: Whether sending it twice has the effect of one.
    idempotent: bool
    #: From 1.
    attempt: int


class Response(NamedTuple):
    """What came back; hooks receive it."""

    status: int
    #: Names are in lower case.
    headers: Dict[str, str]
    body: bytes


class Hooks(NamedTuple):
    """Called around every attempt; what they raise ends the call."""

    on_request: Optional[Callable[[Request], None]] = None
    on_response: Optional[Callable[[Request, Response], None]] = None
    #: Receives the error and the seconds until the next attempt.
    on_retry: Optional[Callable[[Request, DatafaceError, float], None]] = None


class Address(NamedTuple):
    secure: bool
    host: str
    port: int
    #: Path before the name of a tool, without a slash at its end: `/api/v1`.
    prefix: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def parse_address(url: str, version: int) -> Address:
    """Where the tools are, as they are at a version of the contracts."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a server; write it as http://127.0.0.1:4321")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("The address holds a user name, a query or a fragment; give credentials as `token`")
    secure = parts.scheme == "https"
    return Address(secure, parts.hostname, parts.port or (443 if secure else 80), f"{parts.path.rstrip('/')}/api/v{version}")


class Deadline:
    """The end of a call. None means that it may take any time."""

    __slots__ = ("_at", "timeout")

    def __init__(self, timeout: Optional[float]) -> None:
        self.timeout = timeout
        self._at = None if timeout is None else monotonic() + timeout

    def left(self) -> Optional[float]:
        """Seconds that are left. Raises when there are none."""
        if self._at is None:
            return None
        left = self._at - monotonic()
        if left <= 0:
            raise self.exceeded()
        return left

    def is_over(self) -> bool:
        """Whether a timeout is that of the call, not one of the network before it."""
        return self._at is not None and monotonic() >= self._at - TIMER_SLACK

    def exceeded(self) -> DeadlineExceededError:
        return DeadlineExceededError(
            DEADLINE_EXCEEDED,
            f"The call took longer than its {self.timeout:g} seconds.",
            hint="Give it more time with `timeout`, or ask for less.",
            retryable=True,
        )


def build_request(
    address: Address,
    tool: str,
    arguments: Mapping[str, Any],
    headers: Mapping[str, str],
    idempotent: bool = True,
    accept: str = "application/json",
) -> Request:
    """The request of a call; arguments that are None are left out."""
    given = {name: value for name, value in arguments.items() if value is not None}
    body = json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()
    return Request(
        tool,
        f"{address.prefix}/{tool}",
        {
            "host": address.authority,
            "content-type": "application/json",
            "accept": accept,
            **{name.lower(): value for name, value in headers.items()},
        },
        body,
        idempotent,
        1,
    )


def read_answer(response: Response) -> Answer[Any]:
    """The answer of a response. Raises the error that it holds."""
    return _answer_of(_json_of(response.body), response)


def _answer_of(sent: Any, response: Response) -> Answer[Any]:
    envelope = _dict_of(sent)
    meta = _dict_of(envelope.get("meta"))
    if envelope.get("success") is True and isinstance(envelope.get("data"), dict):
        return Answer(envelope["data"], envelope.get("warnings") or [], meta, response.status, response.headers)
    errors = envelope.get("errors")
    first = _dict_of(cast("List[Any]", errors)[0]) if isinstance(errors, list) and errors else {}
    if envelope.get("success") is not False or not isinstance(first.get("code"), str):
        raise _unreadable(response)
    raise _error_of(first, envelope, meta, response)


def _dict_of(value: Any) -> Dict[str, Any]:
    return cast("Dict[str, Any]", value) if isinstance(value, dict) else {}


def _json_of(text: bytes) -> Any:
    """A text as JSON; None where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _error_of(first: Dict[str, Any], envelope: Dict[str, Any], meta: Dict[str, Any], response: Response) -> DatafaceError:
    code: str = first["code"]
    wait = first.get("retry_after_ms")
    return classes_by_code.get(code, DatafaceError)(
        code,
        str(first.get("message", "")),
        hint=first.get("hint"),
        path=first.get("path"),
        position=first.get("position"),
        retryable=first.get("retryable") is True,
        retry_after=_retry_after(response.headers) if wait is None else wait / 1000,
        request_id=meta.get("request_id"),
        status=response.status,
        headers=response.headers,
        errors=envelope["errors"],
        body=envelope,
    )


def _unreadable(response: Response) -> BadResponseError:
    start = response.body[:200].decode(errors="replace")
    return BadResponseError(
        BAD_RESPONSE,
        f"The answer with status {response.status} is not one of a Dataface server: {start!r}",
        hint="Check the address, and what stands between it and the server.",
        retryable=response.status in RETRIED_STATUSES,
        retry_after=_retry_after(response.headers),
        request_id=response.headers.get("x-request-id"),
        status=response.status,
        headers=response.headers,
        body=start,
    )


def connection_failed(cause: BaseException, address: Address) -> ConnectionFailedError:
    return ConnectionFailedError(
        CONNECTION_FAILED,
        f"No answer from {address.authority}: {cause or type(cause).__name__}.",
        hint="Check that the server runs and that the address is right.",
        retryable=True,
    )


def _retry_after(headers: Mapping[str, str]) -> Optional[float]:
    """RFC 9110, section 10.2.3: seconds, or a date. Milliseconds where the server gives them."""
    milliseconds = headers.get("retry-after-ms")
    text = headers.get("retry-after")
    try:
        if milliseconds is not None:
            return max(0.0, float(milliseconds) / 1000)
        if text is None:
            return None
        if text.strip().isdigit():
            return float(text)
        return max(0.0, parsedate_to_datetime(text).timestamp() - time())
    except (TypeError, ValueError):
        return None


def delay_before_retry(error: DatafaceError, request: Request, retries: int, deadline: Deadline) -> Optional[float]:
    """Seconds to wait before the next attempt of a call; None when there is to be none."""
    delay = _delay(error, request, retries)
    left = None if delay is None else deadline.left()
    return None if left is not None and delay is not None and delay >= left else delay


def _delay(error: DatafaceError, request: Request, retries: int) -> Optional[float]:
    if request.attempt > retries or not error.retryable or isinstance(error, DeadlineExceededError):
        return None
    # Without an answer nobody knows whether the call had its effect.
    if not request.idempotent and error.status is None:
        return None
    asked = error.retry_after
    if asked is not None:
        return None if asked > LONGEST_WAIT else asked + random.uniform(0, min(1.0, asked / 4))
    backoff: float = min(8.0, 0.5 * 2 ** (request.attempt - 1))
    return random.uniform(0.5, 1.0) * backoff


class RowLines:
    """Reads the lines of a stream of rows: its columns, the rows, and the envelope that ends it."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self.columns: List[Dict[str, Any]] = []
        #: The answer without its rows; known after the last row.
        self.answer: Optional[Answer[Any]] = None

    def read(self, line: bytes) -> Tuple[bool, Any]:
        """True and a row, or False and None for a line that is none. Raises the error that ended the stream."""
        value = _json_of(line)
        if isinstance(value, list):
            return True, cast("List[Any]", value)
        columns = _dict_of(value).get("columns")
        if isinstance(columns, list):
            self.columns = cast("List[Dict[str, Any]]", columns)
        else:
            self.answer = _answer_of(value, self._response._replace(body=line))
        return False, None

    def check_end(self, address: Address) -> None:
        """A stream without its last line was cut off."""
        if self.answer is None:
            raise connection_failed(EOFError("the stream ended before its last line"), address)
