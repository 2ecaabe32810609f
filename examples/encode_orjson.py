# Encode values, and structures with values in them, with orjson.
from typing import Any

import orjson
from snaptasks import ListItem, Value

def to_orjson(tree: Any) -> bytes:
    """Encode a tree with values in it. Without the default function, orjson writes unset fields as null."""
    return orjson.dumps(tree, default=fragment, option=orjson.OPT_PASSTHROUGH_DATACLASS)

def fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Value):
        return orjson.Fragment(value.to_json())
    raise TypeError(f"cannot encode {type(value).__name__}")

def from_orjson(data: bytes) -> ListItem:
    # Unlike from_json, orjson makes floats of integers past 64 bits.
    return ListItem.from_python(orjson.loads(data))
