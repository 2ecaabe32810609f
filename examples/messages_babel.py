# Show tasks in the reader's language: python messages_babel.py de Europe/Berlin < tasks.json
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from snaptasks import ErrorValue, Info, ListResult, LocalizableMessage, LocalizationParam

TEXTS = Path(__file__).parent / "messages"
# Digits after the point, inclusive. A precision may be any int64, and the text would be that long.
MAX_PRECISION = 20
ZEROS = {"arab": "٠", "arabext": "۰", "beng": "০", "deva": "०", "mymr": "၀"}  # Babel writes only 0 to 9

WIDTHS = {"SHORT": "short", "MED": "medium", "LONG": "long", "FULL": "full"}
FORMATS: dict[str, Callable[..., str]] = {
    "DATE": dates.format_date, "TIME": dates.format_time, "DATE_TIME": dates.format_datetime,
}

class BabelCatalog:
    """Translate messages into a language. For a message that it cannot translate, it gives None."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        self.locale, self.zone = Locale.parse(language), zone
        # Each id has a text, or a text for each plural form of the integer that "by" names.
        self.texts = json.loads((TEXTS / f"{self.locale.language}.json").read_text(encoding="utf-8"))
        zero = ord(ZEROS.get(self.locale.default_numbering_system, "0"))
        self.digits = {ord("0") + digit: zero + digit for digit in range(10)}

    def __call__(self, message: LocalizableMessage) -> str | None:
        try:
            return self.text(message.id, message.args, message.params or {})
        except (LookupError, ValueError, ArithmeticError):
            return None  # unknown id, missing or unknown param, time or number outside all limits

    def text(self, id: str, args: Sequence[str], params: Mapping[str, LocalizationParam]) -> str:
        text = self.texts[id]
        if isinstance(text, dict):
            number = params[text["by"]].i
            if number is None:
                raise LookupError(text["by"])
            text = text[self.locale.plural_form(number)]
        result: str = text.format(*args, **{name: self.param(param) for name, param in params.items()})
        return result

    def param(self, param: LocalizationParam) -> str:
        if param.s is not None:
            return param.s
        if param.i is not None:
            return self.number(param.i, 0)
        if param.d is not None:
            return self.number(param.d, param.precision)
        if param.l is not None:  # it has no default_message, so the whole message falls back
            return self.text(param.l.id, (), param.l.params or {})
        if param.dt is not None:
            size, _, kind = (param.format or "SHORT_DATE_TIME").partition("_")
            moment = param.dt.astimezone(self.zone)  # format_date uses the day in the zone of the value
            return FORMATS[kind](moment, WIDTHS[size], locale=self.locale).translate(self.digits)
        raise LookupError("the kind of a param is unknown")

    def number(self, value: float, precision: int | None) -> str:
        pattern = numbers.parse_pattern(self.locale.decimal_formats[None].pattern)
        if precision is not None:
            pattern.frac_prec = (min(precision, MAX_PRECISION),) * 2
        result: str = pattern.apply(value, self.locale, numbering_system="default")
        return result.translate(self.digits)

def localized_error(error: ErrorValue, catalog: BabelCatalog) -> ErrorValue:
    """Return an error, of a task or of a raised Error, with its messages in the language of a catalogue."""
    return error.evolve(messages=[message.localize(catalog) for message in error.messages])

def localized(info: Info, catalog: BabelCatalog) -> Info:
    """Return the task with all its messages in the language of a catalogue."""
    progress, error = info.progress, info.error
    return info.evolve(
        description=info.description.localize(catalog),
        progress=progress and progress.evolve(message=progress.message.localize(catalog)),
        error=error and localized_error(error, catalog),
    )

if __name__ == "__main__":
    language, zone = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "UTC"
    reader = BabelCatalog(language, ZoneInfo(zone))
    for item in ListResult.from_json(sys.stdin.read()):
        info = localized(item.info, reader)
        progress = [info.progress.message] if info.progress else []
        below = [*progress, *(info.error.messages if info.error else [])]
        for text in (info.description.display(), *(f"    {message.display()}" for message in below)):
            print("".join(letter if letter.isprintable() else "?" for letter in text))  # as in follow.py
