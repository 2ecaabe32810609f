# Send values as arguments and results of Celery tasks.
from kombu.utils.json import register_type
from snaptasks import ErrorValue, FilterSpec, Info, ListItem, ListResult, LocalizableMessage

def register_for_celery() -> None:
    """Let Celery send and return values. Call it in clients and in workers.

    An exception arrives with its class and messages, but without data and challenge. If these matter, return
    error.value, and raise Error.from_value(value) on the other side.
    """
    for kind in (ErrorValue, FilterSpec, Info, ListItem, ListResult, LocalizableMessage):
        # As text, because kombu reads dicts, and a result may look like its own marks.
        register_type(kind, f"snaptasks.{kind.__name__}", lambda value: value.to_json().decode(), kind.from_json)
