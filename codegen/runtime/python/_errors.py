"""The errors of the client: one class, its code, and what to do next."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Type

#: Codes of errors that arise in the client, before or without an answer of the server.
CONNECTION_FAILED = "CONNECTION_FAILED"
DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
BAD_RESPONSE = "BAD_RESPONSE"


class DatafaceError(Exception):
    """A call that did not succeed.

    ``code`` says what happened and never changes its meaning; each code has a page in the docs.
    """

    __dataface_error__ = True

    code: str
    #: What is wrong, for a person or a model.
    message: str
    #: What to do next.
    hint: Optional[str]
    #: The argument it is about, dotted: ``params.2``.
    path: Optional[str]
    #: Where in the caller's SQL or YAML: ``offset``, ``line`` and ``column``.
    position: Optional[Dict[str, int]]
    #: Whether the same call may succeed later.
    retryable: bool
    #: Wait this long before retrying, seconds.
    retry_after: Optional[float]
    #: Quote it when you report a problem.
    request_id: Optional[str]
    #: HTTP status; None when there was no answer.
    status: Optional[int]
    headers: Mapping[str, str]
    #: Every error of the answer, as it was sent; this exception is the first.
    errors: List[Dict[str, Any]]
    #: The answer as it was sent, decoded where it was JSON.
    body: Any

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: Optional[str] = None,
        path: Optional[str] = None,
        position: Optional[Dict[str, int]] = None,
        retryable: bool = False,
        retry_after: Optional[float] = None,
        request_id: Optional[str] = None,
        status: Optional[int] = None,
        headers: Optional[Mapping[str, str]] = None,
        errors: Optional[List[Dict[str, Any]]] = None,
        body: Any = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.path = path
        self.position = position
        self.retryable = retryable
        self.retry_after = retry_after
        self.request_id = request_id
        self.status = status
        self.headers = headers if headers is not None else {}
        self.errors = errors if errors is not None else []
        self.body = body

    def __str__(self) -> str:
        text = f"{self.code}: {self.message}"
        if self.hint is not None:
            text += f" {self.hint}"
        return text if self.request_id is None else f"{text} (request {self.request_id})"


class ConnectionFailedError(DatafaceError):
    """The server was not reached, or the connection broke before its answer was whole."""


class DeadlineExceededError(DatafaceError):
    """The call took longer than its ``timeout``, all attempts and the body included."""


class BadResponseError(DatafaceError):
    """What answered is no Dataface server, or a proxy answered in its place."""


def is_dataface_error(error: object, code: Optional[str] = None) -> bool:
    """Whether ``error`` is one of ours, of any copy of this package, and has ``code`` when one is given."""
    return getattr(error, "__dataface_error__", False) is True and (
        code is None or getattr(error, "code", None) == code
    )


#: The class of each code that the server may answer with; filled by the generated module ``errors``.
classes_by_code: Dict[str, Type[DatafaceError]] = {}
