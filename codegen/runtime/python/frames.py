"""Rows as Python values, and as data frames for those who have pandas or polars installed."""

from __future__ import annotations

import base64
from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Tuple

if TYPE_CHECKING:
    import pandas
    import polars


def to_python(type: str, value: Any) -> Any:
    """A value of a column of this canonical type as the Python value that holds all of it.

    ``bigint`` is an int, ``decimal`` a Decimal, ``date``, ``timestamp`` and ``timestamptz`` those of ``datetime``, ``bytes``
    are bytes, NaN and infinities of ``float`` are floats. Dates that Python cannot hold, and all else, stay as they were sent.
    """
    convert = _converters.get(type)
    if value is None or convert is None:
        return value
    try:
        return convert(value)
    except ValueError:
        return value


def records(result: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """A result of ``execute_query`` as dicts of Python values, see `to_python`."""
    columns = [(column["name"], column["type"]) for column in result["columns"]]
    return [{name: to_python(type, value) for (name, type), value in zip(columns, row)} for row in result["rows"]]


def to_pandas(result: Mapping[str, Any]) -> pandas.DataFrame:
    """A result of ``execute_query`` as a pandas DataFrame. Needs pandas.

    Numbers and booleans take pandas' nullable types, dates and times ``datetime64`` where all of them fit; what pandas has no
    type for, as decimals and large numbers, are Python values, see `to_python`.
    """
    import pandas

    def series(type: str, values: List[Any]) -> Any:
        try:
            if type in _pandas_types:
                return pandas.array(values, dtype=_pandas_types[type])
            if type in ("date", "timestamp", "timestamptz"):
                return pandas.to_datetime(pandas.Series(values, dtype=object), utc=type == "timestamptz")
        except (OverflowError, TypeError, ValueError):
            pass
        return pandas.Series(values, dtype=object)

    names, columns = _columns(result)
    frame = pandas.DataFrame({at: series(type, values) for at, (type, values) in enumerate(columns)})
    frame.columns = pandas.Index(names)
    return frame


def to_polars(result: Mapping[str, Any]) -> polars.DataFrame:
    """A result of ``execute_query`` as a polars DataFrame. Needs polars."""
    import polars

    names, columns = _columns(result)
    return polars.DataFrame({name: polars.Series(name, values, strict=False) for name, (_, values) in zip(names, columns)})


def _columns(result: Mapping[str, Any]) -> Tuple[List[str], List[Tuple[str, List[Any]]]]:
    """Names, and the type and values of each column."""
    kinds = [column["type"] for column in result["columns"]]
    rows = result["rows"]
    return [column["name"] for column in result["columns"]], [
        (kind, [to_python(kind, row[at]) for row in rows]) for at, kind in enumerate(kinds)
    ]


def _moment(text: str) -> datetime:
    whole, point, fraction = text.rstrip("Z").partition(".")
    moment = datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}" if point else whole)
    if len(fraction) > 6 and fraction[6:].strip("0"):
        raise ValueError("nanoseconds")
    return moment.replace(tzinfo=timezone.utc) if text.endswith("Z") else moment


def _time(text: str) -> time:
    whole, point, fraction = text.partition(".")
    return time.fromisoformat(f"{whole}.{fraction[:6]:0<6}" if point else whole)


_converters: Dict[str, Callable[[Any], Any]] = {
    "bigint": int,
    "decimal": Decimal,
    "float": float,
    "date": date.fromisoformat,
    "time": _time,
    "timestamp": _moment,
    "timestamptz": _moment,
    "bytes": base64.b64decode,
}

_pandas_types = {"integer": "Int64", "bigint": "Int64", "float": "Float64", "boolean": "boolean"}
