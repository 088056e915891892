"""Calls over HTTP/1.1 on the streams of asyncio."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, AsyncIterator, Dict, List, Mapping, Optional, Tuple, TypeVar

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

T = TypeVar("T")

#: Connections that are kept for the next calls.
KEPT_CONNECTIONS = 10
CHUNK_BYTES = 64 * 1024
#: Longest head of a response, bytes.
HEAD_BYTES = 256 * 1024


class _Connection:
    """One connection, and what of a response has been read from it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._left: Optional[int] = None
        self._chunked = False
        self._keeps = False
        #: The body was read to its end.
        self.at_end = False

    @classmethod
    async def open(cls, address: Address, context: Optional[ssl.SSLContext]) -> _Connection:
        secure = (context or ssl.create_default_context()) if address.secure else None
        reader, writer = await asyncio.open_connection(address.host, address.port, ssl=secure, limit=HEAD_BYTES)
        return cls(reader, writer)

    def close(self) -> None:
        self._writer.close()

    @property
    def is_reusable(self) -> bool:
        return self.at_end and self._keeps and not self._writer.is_closing()

    async def send(self, request: Request) -> Tuple[int, Dict[str, str]]:
        """Sends a request; status and headers of the response."""
        lines = [f"POST {request.path} HTTP/1.1", f"content-length: {len(request.body)}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("A header holds a line break")
        self._writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + request.body)
        await self._writer.drain()
        return await self._read_head()

    async def _read_head(self) -> Tuple[int, Dict[str, str]]:
        while True:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            start, *fields = head.rstrip("\r\n").split("\r\n")
            version, _, rest = start.partition(" ")
            if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
                raise ConnectionError("the answer is not HTTP/1.1")
            status = int(rest[:3])
            headers: Dict[str, str] = {}
            for field in fields:
                name, _, value = field.partition(":")
                headers[name.strip().lower()] = value.strip()
            if status >= 200:
                break
        length = headers.get("content-length")
        self._chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        self._left = 0 if self._chunked or status in (204, 304) else None if length is None else int(length)
        bounded = self._chunked or self._left is not None
        self._keeps = bounded and version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        self.at_end = not self._chunked and self._left == 0
        return status, headers

    async def read(self) -> bytes:
        """The next piece of the body; empty at its end."""
        if self.at_end:
            return b""
        if self._chunked and self._left == 0:
            await self._read_chunk_size()
            if self.at_end:
                return b""
        piece = await self._reader.read(CHUNK_BYTES if self._left is None else min(CHUNK_BYTES, self._left))
        if self._left is None:
            self.at_end = not piece
            return piece
        if not piece:
            raise EOFError("the connection closed before the answer was whole")
        self._left -= len(piece)
        if self._left == 0:
            if self._chunked:
                await self._reader.readexactly(2)
            else:
                self.at_end = True
        return piece

    async def _read_chunk_size(self) -> None:
        line = await self._reader.readuntil(b"\r\n")
        self._left = int(line.split(b";", 1)[0].strip(), 16)
        if self._left == 0:
            while await self._reader.readuntil(b"\r\n") != b"\r\n":
                pass
            self.at_end = True


class AsyncTransport:
    """Sends calls, each on a connection of its own that is used again. Belongs to one event loop."""

    def __init__(
        self, url: str, version: int, headers: Mapping[str, str], retries: int, hooks: Hooks, ssl_context: Optional[ssl.SSLContext] = None
    ) -> None:
        self._address = parse_address(url, version)
        self._headers = dict(headers)
        self._retries = retries
        self._hooks = hooks
        self._ssl_context = ssl_context
        self._idle: List[_Connection] = []
        self._closed = False

    async def close(self) -> None:
        self._closed = True
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    async def call(
        self, tool: str, arguments: Mapping[str, Any], idempotent: bool, timeout: Optional[float], retries: Optional[int]
    ) -> Answer[Any]:
        deadline = Deadline(timeout)
        request = build_request(self._address, tool, arguments, self._headers, idempotent)
        while True:
            try:
                return read_answer(await self._send(request, deadline))
            except DatafaceError as error:
                await self._wait(request, error, retries, deadline)
                request = request._replace(attempt=request.attempt + 1)

    async def stream(
        self, tool: str, arguments: Mapping[str, Any], timeout: Optional[float], retries: Optional[int]
    ) -> AsyncRowStream:
        deadline = Deadline(timeout)
        request = build_request(self._address, tool, arguments, self._headers, accept="application/x-ndjson")
        while True:
            try:
                connection, status, headers = await self._open(request, deadline)
                stream = AsyncRowStream(self, connection, Response(status, headers, b""), deadline)
                await stream._start()
                return stream
            except DatafaceError as error:
                await self._wait(request, error, retries, deadline)
                request = request._replace(attempt=request.attempt + 1)

    async def _wait(self, request: Request, error: DatafaceError, retries: Optional[int], deadline: Deadline) -> None:
        """Waits until the next attempt; raises `error` when there is to be none."""
        delay = delay_before_retry(error, request, self._retries if retries is None else retries, deadline)
        if delay is None:
            raise error
        if self._hooks.on_retry is not None:
            self._hooks.on_retry(request, error, delay)
        await asyncio.sleep(delay)

    async def _send(self, request: Request, deadline: Deadline) -> Response:
        connection, status, headers = await self._open(request, deadline)
        try:
            body = b"".join([chunk async for chunk in _chunks(connection, deadline, self._address)])
        except BaseException:
            connection.close()
            raise
        self._keep(connection)
        received = Response(status, headers, body)
        if self._hooks.on_response is not None:
            self._hooks.on_response(request, received)
        return received

    async def _open(self, request: Request, deadline: Deadline) -> Tuple[_Connection, int, Dict[str, str]]:
        """Sends a request; a connection whose body is still to be read, status and headers."""
        if self._closed:
            raise RuntimeError("This client is closed")
        if self._hooks.on_request is not None:
            self._hooks.on_request(request)
        while True:
            # A kept connection may be closed by the server just now, and whether it took the call is then not known.
            kept = self._idle.pop() if self._idle and request.idempotent else None
            try:
                connection = kept or await _within(deadline, _Connection.open(self._address, self._ssl_context))
            except (OSError, EOFError) as error:
                raise connection_failed(error, self._address) from error
            try:
                status, headers = await _within(deadline, connection.send(request))
                return connection, status, headers
            except (OSError, EOFError, asyncio.LimitOverrunError) as error:
                connection.close()
                if kept is not None and isinstance(error, (ConnectionError, asyncio.IncompleteReadError)):
                    continue
                raise connection_failed(error, self._address) from error
            except BaseException:
                connection.close()
                raise

    def _keep(self, connection: _Connection) -> None:
        if connection.is_reusable and not self._closed and len(self._idle) < KEPT_CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()


class AsyncRowStream:
    """The rows of a result as they arrive, each a list of values in the order of `columns`.

    Use it in an `async with` block, or read it to its end: leaving it early ends the query in the database.
    """

    def __init__(
        self, transport: AsyncTransport, connection: _Connection, response: Response, deadline: Deadline
    ) -> None:
        self._transport = transport
        self._connection = connection
        self._response = response
        self._chunks = _chunks(connection, deadline, transport._address)
        self._lines = RowLines(response)
        self._rows = self._read()
        self._first: Optional[List[Any]] = None

    @property
    def columns(self) -> List[Dict[str, Any]]:
        """`name`, `type` and `database_type` of each column."""
        return self._lines.columns

    @property
    def answer(self) -> Optional[Answer[Any]]:
        """Row count, truncation and more; None until the last row was read."""
        return self._lines.answer

    async def __aiter__(self) -> AsyncIterator[List[Any]]:
        first, self._first = self._first, None
        if first is not None:
            yield first
        async for row in self._rows:
            yield row

    async def __aenter__(self) -> AsyncRowStream:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the query when rows are left."""
        self._connection.close()

    async def _start(self) -> None:
        try:
            if not self._response.headers.get("content-type", "").startswith("application/x-ndjson"):
                body = b"".join([chunk async for chunk in self._chunks])
                read_answer(self._response._replace(body=body))
                raise ValueError("This tool has no stream of rows")
            async for row in self._rows:
                self._first = row
                break
        except BaseException:
            self.close()
            raise

    async def _read(self) -> AsyncIterator[List[Any]]:
        kept = b""
        async for chunk in self._chunks:
            *lines, kept = (kept + chunk).split(b"\n")
            for line in lines:
                is_row, row = self._lines.read(line)
                if is_row:
                    yield row
        self._lines.check_end(self._transport._address)
        self._transport._keep(self._connection)


async def _chunks(connection: _Connection, deadline: Deadline, address: Address) -> AsyncIterator[bytes]:
    """The body, piece by piece, within the deadline."""
    try:
        while True:
            chunk = await _within(deadline, connection.read())
            if not chunk:
                return
            yield chunk
    except (OSError, EOFError, ValueError) as error:
        raise connection_failed(error, address) from error


async def _within(deadline: Deadline, work: Any) -> Any:
    """Waits for `work` as long as the deadline allows."""
    try:
        left = deadline.left()
    except BaseException:
        work.close()
        raise
    try:
        return await asyncio.wait_for(work, left)
    except asyncio.TimeoutError as error:
        if not deadline.is_over():
            raise
        raise deadline.exceeded() from error
