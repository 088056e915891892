"""Whether values fit the types of the client, read as a type checker reads them: JSON in, verdicts out."""

from __future__ import annotations

import collections.abc
import json
import sys
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from dataface import types


def fits(value: Any, annotation: Any, may_grow: bool) -> bool:
    if annotation is Any:
        return True
    if annotation is None or annotation is type(None):
        return value is None
    if is_typeddict(annotation):
        hints = get_type_hints(annotation)
        return (
            isinstance(value, dict)
            and annotation.__required_keys__ <= value.keys()
            and (may_grow or value.keys() <= hints.keys())
            and all(fits(one, hints[key], may_grow) for key, one in value.items() if key in hints)
        )
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Union:
        return any(fits(value, one, may_grow) for one in arguments)
    if origin is Literal:
        return any(type(value) is type(one) and value == one for one in arguments)
    if origin in (list, collections.abc.Sequence):
        return isinstance(value, list) and all(fits(one, arguments[0], may_grow) for one in value)
    if origin in (dict, collections.abc.Mapping):
        return isinstance(value, dict) and all(fits(one, arguments[1], may_grow) for one in value.values())
    if annotation is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if annotation in (str, bool):
        return isinstance(value, annotation)
    raise TypeError(f"no rule for {annotation!r}")


print(
    json.dumps(
        [
            [fits(value, getattr(types, name), name.endswith("Output")) for value in values]
            for name, values in json.load(sys.stdin)
        ]
    )
)
