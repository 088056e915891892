"""The Python client against a real server, whose address is in DATAFACE_URL, and against one that fails on purpose."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from datetime import date, datetime, timezone
from decimal import Decimal
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

import dataface
from dataface import AsyncDataface, Dataface, DatafaceError, Hooks, is_dataface_error, records
from dataface.errors import (
    BadResponseError,
    ConnectionFailedError,
    DeadlineExceededError,
    QueryTimeoutError,
    RateLimitedError,
    SqlError,
    TableNotFoundError,
    ValidationError,
)

URL = os.environ["DATAFACE_URL"]
VALUES = """SELECT 9223372036854775807::BIGINT AS big, 12.50::DECIMAL(8,2) AS price, DATE '2026-01-31' AS day,
    TIMESTAMPTZ '2026-01-31 12:34:56.5+00' AS moment, TIMESTAMP '2026-01-31 12:34:56.123456' AS plain,
    'nan'::DOUBLE AS nothing, 'a'::BLOB AS bytes, true AS flag, NULL AS empty, 'it''s' AS text"""


class Calls(unittest.TestCase):
    def setUp(self) -> None:
        self.client = Dataface(URL)
        self.addCleanup(self.client.close)

    def test_every_tool_is_a_method(self) -> None:
        sources = self.client.list_sources()["sources"]
        self.assertEqual([source["name"] for source in sources], ["vega"])
        self.assertIn("movies", [table["name"] for table in self.client.list_tables(source="vega")["tables"]])
        self.assertEqual(self.client.describe_table(source="vega", table="MOVIES")["name"], "movies")
        listed = set(json.loads(os.environ["DATAFACE_TOOLS"]))
        self.assertEqual(listed - set(dir(self.client)), set())
        self.assertEqual(listed - set(dir(AsyncDataface)), set())

    def test_arguments_are_bound(self) -> None:
        result = self.client.execute_query(source="vega", sql="SELECT $1::INT + 1 AS n, $2 AS t", params=[41, "x; DROP TABLE movies"])
        self.assertEqual(result["rows"], [[42, "x; DROP TABLE movies"]])
        self.assertFalse(result["truncated"])

    def test_values_become_python_values(self) -> None:
        [row] = records(self.client.execute_query(source="vega", sql=VALUES))
        self.assertNotEqual(row.pop("nothing"), 0)
        self.assertEqual(
            row,
            {
                "big": 9223372036854775807,
                "price": Decimal("12.50"),
                "day": date(2026, 1, 31),
                "moment": datetime(2026, 1, 31, 12, 34, 56, 500000, tzinfo=timezone.utc),
                "plain": datetime(2026, 1, 31, 12, 34, 56, 123456),
                "bytes": b"a",
                "flag": True,
                "empty": None,
                "text": "it's",
            },
        )

    def test_dates_that_python_cannot_hold_stay_text(self) -> None:
        [row] = records(self.client.execute_query(source="vega", sql="SELECT DATE '0044-03-15 (BC)' AS bc, 'infinity'::TIMESTAMP AS never"))
        self.assertEqual(row["never"], "infinity")
        self.assertIsInstance(row["bc"], str)

    def test_errors_are_typed(self) -> None:
        with self.assertRaises(SqlError) as raised:
            self.client.execute_query(source="vega", sql="SELECT 1 +")
        self.assertEqual(raised.exception.code, "SQL_ERROR")
        self.assertEqual(raised.exception.position["line"], 1)
        self.assertFalse(raised.exception.retryable)
        self.assertRegex(raised.exception.request_id or "", "^[0-9a-f-]{36}$")
        self.assertEqual(raised.exception.status, 422)
        self.assertTrue(is_dataface_error(raised.exception, "SQL_ERROR"))
        self.assertFalse(is_dataface_error(raised.exception, "CONFLICT"))
        self.assertFalse(is_dataface_error(ValueError("x")))
        with self.assertRaises(TableNotFoundError) as missing:
            self.client.describe_table(source="vega", table="moviez")
        self.assertIn("movies", str(missing.exception))
        with self.assertRaises(ValidationError) as wrong:
            self.client.call("execute_query", {"source": "vega", "sql": "SELECT 1", "limt": 5})
        self.assertIn("limit", wrong.exception.hint or "")

    def test_the_whole_answer(self) -> None:
        answer = self.client.call("execute_query", {"source": "vega", "sql": "SELECT 1 AS n"})
        self.assertEqual(answer.data["rows"], [[1]])
        self.assertTrue(answer.meta["contract"].startswith("execute_query@"))
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["x-request-id"], answer.meta["request_id"])

    def test_pages_follow_the_cursor(self) -> None:
        pages = list(self.client.execute_query_pages(source="vega", sql="SELECT i FROM range(2500) r(i) ORDER BY i", limit=1000))
        self.assertEqual([page["row_count"] for page in pages], [1000, 1000, 500])
        self.assertEqual([int(row[0]) for page in pages for row in page["rows"]], list(range(2500)))

    def test_rows_are_streamed(self) -> None:
        with self.client.execute_query_rows(source="vega", sql="SELECT i FROM range(100000) r(i)") as rows:
            self.assertEqual(rows.columns[0]["type"], "bigint")
            self.assertEqual(sum(1 for _ in rows), 100000)
            self.assertEqual(rows.answer.data["row_count"], 100000)
        with self.assertRaises(SqlError):
            self.client.execute_query_rows(source="vega", sql="SELECT nothing FROM movies")
        with self.assertRaises(DatafaceError):
            with self.client.execute_query_rows(source="vega", sql="SELECT CASE WHEN i < 200000 THEN '1' ELSE 'x' END::INT FROM range(200001) r(i)") as rows:
                for _ in rows:
                    pass
        with self.client.execute_query_rows(source="vega", sql="SELECT i FROM range(100000000) r(i)") as rows:
            next(iter(rows))
        self.assertEqual(self.client.execute_query(source="vega", sql="SELECT 1 AS n")["rows"], [[1]])

    def test_a_deadline_ends_the_call(self) -> None:
        started = time.monotonic()
        with self.assertRaises(DeadlineExceededError):
            self.client.execute_query(source="vega", sql="SELECT count(*) FROM range(100000000) a, range(100000) b", timeout=0.5)
        self.assertLess(time.monotonic() - started, 10)
        with self.assertRaises(QueryTimeoutError):
            self.client.execute_query(source="vega", sql="SELECT count(*) FROM range(100000000) a, range(100000) b", timeout_ms=300)

    def test_it_is_shared_between_threads(self) -> None:
        found = []

        def work(number: int) -> None:
            found.append(self.client.execute_query(source="vega", sql="SELECT $1::INT AS n", params=[number])["rows"][0][0])

        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(found), list(range(20)))


class AsyncCalls(unittest.IsolatedAsyncioTestCase):
    async def test_it_does_what_the_other_does(self) -> None:
        async with AsyncDataface(URL) as client:
            answers = await asyncio.gather(
                *(client.execute_query(source="vega", sql="SELECT $1::INT AS n", params=[n]) for n in range(20))
            )
            self.assertEqual([answer["rows"][0][0] for answer in answers], list(range(20)))
            with self.assertRaises(SqlError):
                await client.execute_query(source="vega", sql="SELECT nothing FROM movies")
            pages = [page async for page in client.execute_query_pages(source="vega", sql="SELECT i FROM range(250) r(i) ORDER BY i", limit=100)]
            self.assertEqual([page["row_count"] for page in pages], [100, 100, 50])
            async with await client.execute_query_rows(source="vega", sql="SELECT i, repeat('x', 100) FROM range(50000) r(i)") as rows:
                self.assertEqual(len([row async for row in rows]), 50000)
                self.assertEqual(rows.answer.data["row_count"], 50000)
            with self.assertRaises(DeadlineExceededError):
                await client.execute_query(source="vega", sql="SELECT count(*) FROM range(100000000) a, range(100000) b", timeout=0.5)

    async def test_a_cancelled_task_ends_its_call(self) -> None:
        async with AsyncDataface(URL) as client:
            task = asyncio.create_task(client.execute_query(source="vega", sql="SELECT count(*) FROM range(100000000) a, range(100000) b"))
            await asyncio.sleep(0.3)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual((await client.execute_query(source="vega", sql="SELECT 1 AS n"))["rows"], [[1]])


class Failing:
    """A server that answers each call with the next of `answers`: (status, headers, body), or None to break off."""

    def __init__(self, *answers: object) -> None:
        left = list(answers)
        self.calls: list = []
        calls = self.calls

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                calls.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
                answer = left.pop(0) if left else left_over
                if answer is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "content-length" not in headers:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                if int(headers.get("content-length", len(body))) != len(body):
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        left_over = fine
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Failing:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def envelope(**parts: object) -> bytes:
    return json.dumps({"warnings": [], "meta": {"request_id": "r-1"}, **parts}).encode()


fine = (200, {}, envelope(success=True, data={"sources": [], "later": {"key": 1}}))


def refused(code: str, retryable: bool, status: int = 503, **more: object) -> tuple:
    return (status, {}, envelope(success=False, errors=[{"code": code, "message": "m", "retryable": retryable, **more}]))


class Retries(unittest.TestCase):
    def run_both(self, answers: list, check: object, kinds: tuple = (Dataface, AsyncDataface), **options: object) -> None:
        """Runs `check(call, server)` with both clients; `call(method, **arguments)` calls and waits."""
        for kind in kinds:
            with self.subTest(kind.__name__), Failing(*answers) as server:

                def call(method: str, **arguments: object) -> object:
                    if kind is Dataface:
                        with Dataface(server.url, **options) as client:
                            return getattr(client, method)(**arguments)

                    async def run() -> object:
                        async with AsyncDataface(server.url, **options) as client:
                            return await getattr(client, method)(**arguments)

                    return asyncio.run(run())

                check(call, server)

    def test_what_may_succeed_later_is_tried_again(self) -> None:
        for answers in ([refused("SOURCE_UNAVAILABLE", True)] * 2, [(502, {}, b"<html>")] * 2, [None, None]):

            def check(call, server) -> None:
                self.assertEqual(call("list_sources")["later"], {"key": 1})
                self.assertEqual(len(server.calls), 3)

            self.run_both(answers, check)

    def test_what_will_not_is_told_at_once(self) -> None:
        foreign = (
            b"no such page",
            b"[]",
            b'{"success":false,"errors":["x"],"meta":null}',
            b'{"success":false,"errors":{}}',
            b'{"success":false,"errors":[{"code":1000,"message":"m"}]}',
            envelope(success=True),
            envelope(success=False, errors=[]),
        )
        for answer, error in ((refused("INTERNAL_ERROR", False, 500), DatafaceError), *(((404, {}, body), BadResponseError) for body in foreign)):

            def check(call, server) -> None:
                with self.assertRaises(error):
                    call("list_sources")
                self.assertEqual(len(server.calls), 1)

            self.run_both([answer], check)

    def test_an_unknown_code_is_an_error_all_the_same(self) -> None:
        def check(call, server) -> None:
            with self.assertRaises(DatafaceError) as raised:
                call("list_sources")
            self.assertEqual((raised.exception.code, raised.exception.request_id), ("FROM_LATER", "r-1"))

        self.run_both([refused("FROM_LATER", False)], check)

    def test_the_wait_that_the_server_asks_for(self) -> None:
        for answer, least in (
            (refused("RATE_LIMITED", True, 429, retry_after_ms=400), 0.4),
            ((429, {"retry-after": "1"}, b"slow down"), 1.0),
            ((503, {"retry-after-ms": "300"}, b""), 0.3),
        ):

            def check(call, server) -> None:
                started = time.monotonic()
                call("list_sources")
                self.assertGreaterEqual(time.monotonic() - started, least)

            self.run_both([answer], check)

        # A date has whole seconds.
        for kind in (Dataface, AsyncDataface):
            later = formatdate(time.time() + 2, usegmt=True)

            def soon(call, server) -> None:
                started = time.monotonic()
                call("list_sources")
                self.assertGreaterEqual(time.monotonic() - started, 0.5)

            self.run_both([(503, {"retry-after": later}, b"")], soon, kinds=(kind,))

    def test_a_wait_that_is_too_long_is_not_waited_for(self) -> None:
        def check(call, server) -> None:
            started = time.monotonic()
            with self.assertRaises(RateLimitedError) as raised:
                call("list_sources")
            self.assertLess(time.monotonic() - started, 30)
            self.assertEqual(raised.exception.retry_after, 3600)

        self.run_both([refused("RATE_LIMITED", True, 429, retry_after_ms=3_600_000)], check)

        def within(call, server) -> None:
            with self.assertRaises(RateLimitedError):
                call("list_sources", timeout=5)

        self.run_both([refused("RATE_LIMITED", True, 429, retry_after_ms=20_000)], within)

    def test_a_call_with_an_effect_is_not_sent_twice(self) -> None:
        def check(call, server) -> None:
            with self.assertRaises(ConnectionFailedError):
                call("call", tool="save_dashboard", arguments={"path": "a.yml", "yaml": "title: A"})
            self.assertEqual(len(server.calls), 1)

        self.run_both([None], check)

    def test_an_answer_that_is_cut_off_is_none(self) -> None:
        cut = (200, {"content-length": "500"}, fine[2])

        def check(call, server) -> None:
            with self.assertRaises(ConnectionFailedError):
                call("list_sources", retries=0)

        self.run_both([cut], check)

    def test_a_stream_that_is_cut_off_is_told(self) -> None:
        self.read_streams(b"", ConnectionFailedError)

    def test_a_line_of_a_stream_that_is_no_row_ends_it_with_an_error_of_ours(self) -> None:
        for line in (b"<html>", b"5", b"null", b"{}"):
            self.read_streams(line + b"\n", BadResponseError)
        self.read_streams(refused("RATE_LIMITED", True)[2] + b"\n", RateLimitedError)

    def read_streams(self, end: bytes, error: type) -> None:
        """Reads one row and what comes behind it, which is `error`, with both clients."""
        answer = (200, {"content-type": "application/x-ndjson"}, b'{"columns":[{"name":"n"}]}\n[1]\n' + end)
        seen: list = []
        with Failing(answer) as server, Dataface(server.url) as client, self.assertRaises(error):
            for row in client.execute_query_rows(source="s", sql="SELECT 1"):
                seen.append(row)

        async def read() -> None:
            async with AsyncDataface(server.url) as client:
                async for row in await client.execute_query_rows(source="s", sql="SELECT 1"):
                    seen.append(row)

        with Failing(answer) as server, self.assertRaises(error):
            asyncio.run(read())
        self.assertEqual(seen, [[1], [1]])

    def test_a_timeout_of_the_network_is_not_that_of_the_call(self) -> None:
        gone = TimeoutError(110, "Connection timed out")
        for timeout in (None, 60):

            def check(call, server) -> None:
                with self.assertRaises(ConnectionFailedError):
                    call("list_sources", retries=0)

            with patch("socket.create_connection", side_effect=gone), patch("asyncio.open_connection", side_effect=gone):
                self.run_both([], check, timeout=timeout)

    def test_hooks_see_every_attempt(self) -> None:
        seen: list = []
        hooks = Hooks(
            on_request=lambda request: seen.append(("request", request.attempt)),
            on_response=lambda request, response: seen.append(("response", response.status)),
            on_retry=lambda request, error, delay: seen.append(("retry", error.code)),
        )

        def check(call, server) -> None:
            seen.clear()
            call("list_sources")
            self.assertEqual(
                seen,
                [("request", 1), ("response", 503), ("retry", "NOT_READY"), ("request", 2), ("response", 200)],
            )

        self.run_both([refused("NOT_READY", True)], check, hooks=hooks)

    def test_headers_and_the_token_are_sent(self) -> None:
        def check(call, server) -> None:
            call("list_sources")
            _, headers, body = server.calls[0]
            self.assertEqual((headers["authorization"], headers["x-team"], body), ("Bearer secret", "a", b"{}"))

        self.run_both([], check, token="secret", headers={"X-Team": "a"})

    def test_a_server_that_is_not_there(self) -> None:
        with Dataface("http://127.0.0.1:9", retries=0) as client, self.assertRaises(ConnectionFailedError) as raised:
            client.list_sources()
        self.assertIn("127.0.0.1:9", str(raised.exception))
        for url in ("127.0.0.1:4321", "ftp://host", "http://user:secret@host"):
            with self.assertRaises(ValueError) as wrong:
                Dataface(url)
            self.assertNotIn("secret@", str(wrong.exception).replace(repr(url), ""))


class Package(unittest.TestCase):
    def test_it_loads_nothing_beside_the_standard_library_and_no_event_loop(self) -> None:
        code = "import sys; before = set(sys.modules); import dataface; print('\\n'.join(set(sys.modules) - before))"
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        tops = {name.split(".")[0] for name in loaded}
        self.assertEqual({name for name in tops if name not in sys.stdlib_module_names}, {"dataface"})
        self.assertNotIn("asyncio", tops)

    def test_its_names_are_there(self) -> None:
        for name in dataface.__all__:
            self.assertTrue(hasattr(dataface, name))
        self.assertRaises(AttributeError, lambda: dataface.nothing)


if __name__ == "__main__":
    unittest.main()
