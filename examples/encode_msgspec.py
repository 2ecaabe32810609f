# Send tasks inside messages of msgspec.
import msgspec
from snaptasks import ListItem

class Message(msgspec.Struct):
    """Carry a value as raw JSON, because msgspec would fill the fields of a ListItem without checking a rule."""

    shard: int
    item: msgspec.Raw

def to_msgspec(shard: int, item: ListItem) -> bytes:
    return msgspec.json.encode(Message(shard, msgspec.Raw(item.to_json())))

def from_msgspec(data: bytes) -> tuple[int, ListItem]:
    message = msgspec.json.decode(data, type=Message)
    return message.shard, ListItem.from_json(bytes(message.item))
