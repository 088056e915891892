"""Calls over HTTP with what Python brings."""

from __future__ import annotations

import http.client
import threading
import time
from typing import Any, Dict, Iterator, List, Mapping, Optional

from ._errors import DatafaceError
from ._protocol import (
    Address,
    Answer,
    Deadline,
    Hooks,
    Request,
    Response,
    RowLines,
    build_request,
    connection_failed,
    delay_before_retry,
    parse_address,
    read_answer,
)

#: Connections that are kept for the next calls.
KEPT_CONNECTIONS = 10
CHUNK_BYTES = 64 * 1024


class SyncTransport:
    """Sends calls, each on a connection of its own that is used again. Safe to share between threads."""

    def __init__(
        self, url: str, version: int, headers: Mapping[str, str], retries: int, hooks: Hooks, ssl_context: Any = None
    ) -> None:
        self._address = parse_address(url, version)
        self._headers = dict(headers)
        self._retries = retries
        self._hooks = hooks
        self._ssl_context = ssl_context
        self._idle: List[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def call(
        self, tool: str, arguments: Mapping[str, Any], idempotent: bool, timeout: Optional[float], retries: Optional[int]
    ) -> Answer[Any]:
        deadline = Deadline(timeout)
        request = build_request(self._address, tool, arguments, self._headers, idempotent)
        while True:
            try:
                return read_answer(self._send(request, deadline))
            except DatafaceError as error:
                self._wait(request, error, retries, deadline)
                request = request._replace(attempt=request.attempt + 1)

    def stream(
        self, tool: str, arguments: Mapping[str, Any], timeout: Optional[float], retries: Optional[int]
    ) -> RowStream:
        deadline = Deadline(timeout)
        request = build_request(self._address, tool, arguments, self._headers, accept="application/x-ndjson")
        while True:
            try:
                return RowStream(self, request, deadline)
            except DatafaceError as error:
                self._wait(request, error, retries, deadline)
                request = request._replace(attempt=request.attempt + 1)

    def _wait(self, request: Request, error: DatafaceError, retries: Optional[int], deadline: Deadline) -> None:
        """Waits until the next attempt; raises `error` when there is to be none."""
        delay = delay_before_retry(error, request, self._retries if retries is None else retries, deadline)
        if delay is None:
            raise error
        if self._hooks.on_retry is not None:
            self._hooks.on_retry(request, error, delay)
        time.sleep(delay)

    def _send(self, request: Request, deadline: Deadline) -> Response:
        connection, response = self._open(request, deadline)
        try:
            body = b"".join(_chunks(connection, response, deadline, self._address))
        except BaseException:
            response.close()
            connection.close()
            raise
        self._keep(connection, response)
        received = Response(response.status, _headers_of(response), body)
        if self._hooks.on_response is not None:
            self._hooks.on_response(request, received)
        return received

    def _open(self, request: Request, deadline: Deadline) -> Any:
        """Sends a request; a connection and the response whose body is still to be read."""
        if self._closed:
            raise RuntimeError("This client is closed")
        if self._hooks.on_request is not None:
            self._hooks.on_request(request)
        while True:
            with self._lock:
                # A kept connection may be closed by the server just now, and whether it took the call is then not known.
                kept = self._idle.pop() if self._idle and request.idempotent else None
            connection = kept or self._connect()
            try:
                connection.timeout = deadline.left()
                if connection.sock is not None:
                    connection.sock.settimeout(connection.timeout)
                connection.request("POST", request.path, request.body, request.headers)
                return connection, connection.getresponse()
            except TimeoutError as error:
                connection.close()
                raise (deadline.exceeded() if deadline.is_over() else connection_failed(error, self._address)) from error
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if kept is not None and isinstance(error, (http.client.RemoteDisconnected, ConnectionError)):
                    continue
                raise connection_failed(error, self._address) from error
            except BaseException:
                connection.close()
                raise

    def _connect(self) -> http.client.HTTPConnection:
        address = self._address
        if address.secure:
            return http.client.HTTPSConnection(address.host, address.port, context=self._ssl_context)
        return http.client.HTTPConnection(address.host, address.port)

    def _keep(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        """Keeps a connection whose response was read."""
        response.close()
        with self._lock:
            if not response.will_close and not self._closed and len(self._idle) < KEPT_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()


class RowStream:
    """The rows of a result as they arrive, each a list of values in the order of `columns`.

    Use it in a `with` block, or read it to its end: leaving it early ends the query in the database.
    """

    def __init__(self, transport: SyncTransport, request: Request, deadline: Deadline) -> None:
        self._transport = transport
        self._address: Address = transport._address
        self._connection, self._response = transport._open(request, deadline)
        headers = _headers_of(self._response)
        self._chunks = _chunks(self._connection, self._response, deadline, self._address)
        try:
            if not headers.get("content-type", "").startswith("application/x-ndjson"):
                read_answer(Response(self._response.status, headers, b"".join(self._chunks)))
                raise ValueError("This tool has no stream of rows")
            self._lines = RowLines(Response(self._response.status, headers, b""))
            self._rows = self._read()
            self._first = next(self._rows, None)
        except BaseException:
            self.close()
            raise

    @property
    def columns(self) -> List[Dict[str, Any]]:
        """`name`, `type` and `database_type` of each column."""
        return self._lines.columns

    @property
    def answer(self) -> Optional[Answer[Any]]:
        """Row count, truncation and more; None until the last row was read."""
        return self._lines.answer

    def __iter__(self) -> Iterator[List[Any]]:
        first, self._first = self._first, None
        if first is not None:
            yield first
        yield from self._rows

    def __enter__(self) -> RowStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the query when rows are left."""
        self._response.close()
        self._connection.close()

    def _read(self) -> Iterator[List[Any]]:
        kept = b""
        for chunk in self._chunks:
            *lines, kept = (kept + chunk).split(b"\n")
            for line in lines:
                is_row, row = self._lines.read(line)
                if is_row:
                    yield row
        self._lines.check_end(self._address)
        self._transport._keep(self._connection, self._response)


def _chunks(
    connection: http.client.HTTPConnection, response: http.client.HTTPResponse, deadline: Deadline, address: Address
) -> Iterator[bytes]:
    """The body, piece by piece, within the deadline."""
    # A response that ends with its connection has taken the socket along.
    socket = connection.sock
    try:
        while True:
            left = deadline.left()
            if socket is not None:
                socket.settimeout(left)
            chunk = response.read1(CHUNK_BYTES)
            if not chunk:
                if response.length:
                    raise http.client.IncompleteRead(b"", response.length)
                return
            yield chunk
    except TimeoutError as error:
        raise (deadline.exceeded() if deadline.is_over() else connection_failed(error, address)) from error
    except (OSError, http.client.HTTPException) as error:
        raise connection_failed(error, address) from error


def _headers_of(response: http.client.HTTPResponse) -> Dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}
