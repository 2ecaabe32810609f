"""The recipe that shows messages in the reader's language, with the locales of Babel (E-9, V-1, V-6, V-8)."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from babel import Locale, dates, numbers
from hypothesis import given, settings, strategies as st

from examples.messages_babel import MAX_PRECISION, TEXTS, Catalog, localized
from examples.moving_app import tasks_at
from snaptasks import (
    DateTimeFormat,
    ErrorValue,
    Info,
    LocalizableMessage,
    LocalizationParam as Param,
    NestedLocalizableMessage,
)
from snaptasks.messages import MAX_NESTED_MESSAGES
from snaptasks.testing import strategies
from tests.command.command_runs import environment
from tests.integration.servers import RECIPES
from tests.integration.test_frameworks import RESULT
from tests.paths import SAMPLE

PREFIX: Final = "com.vmware.snapservice."
LANGUAGES: Final = ("de", "ja", "ar")
CATALOGUES: Final = [Catalog(language, UTC) for language in (*LANGUAGES, "ar_EG")]
BERLIN: Final = ZoneInfo("Europe/Berlin")
NOON: Final = datetime(2025, 11, 18, 12, 30, 15, tzinfo=UTC)
EASTERN: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
MESSAGES: Final = [
    message
    for item in RESULT
    for message in (
        item.info.description,
        *((item.info.progress.message,) if item.info.progress else ()),
        *(item.info.error.messages if item.info.error else ()),
    )
]


def message(id: str, *args: str, **params: Param) -> LocalizableMessage:
    return LocalizableMessage(id=PREFIX + id, default_message="In English", args=args, params=params or None)


def shown(language: str, param: Param) -> str:
    """What a catalogue makes of a parameter."""
    return Catalog(language, BERLIN).param(param)


def test_a_catalogue_says_every_message_that_it_knows() -> None:
    """E-9: of the sample and of the moving server; the others stay as they are, and no place is left open."""
    moving = [item.info.description for item in tasks_at(300)]
    for catalog in CATALOGUES:
        for each in (*MESSAGES, *moving):
            told = each.localize(catalog)
            if each.id in catalog.texts:
                assert told.localized is not None
                assert not re.search(r"[{}]", told.localized)
                assert told == each.evolve(localized=told.localized)
            else:
                assert told is each
    known = [each for each in MESSAGES if each.id in CATALOGUES[0].texts]
    assert (len(MESSAGES), len(known)) == (818, 724)
    assert {each.id for each in moving} < CATALOGUES[0].texts.keys()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", "Wartet auf Datenspeicher „vsan-muc-01“ (637,4 GiB zu wenig)"),
        ("ja", "データストア「vsan-muc-01」(637.4 GiB 不足)を待っています"),
        ("ar", "في انتظار مخزن البيانات «vsan-muc-01» (ينقصه 637.4 غيغابايت)"),
        ("ar_EG", "في انتظار مخزن البيانات «vsan-muc-01» (ينقصه ٦٣٧٫٤ غيغابايت)"),
    ],
)
def test_a_message_inside_a_message_is_shown_in_the_same_language(language: str, expected: str) -> None:
    """V-8, E-9: each by its own id, with the numbers of the language."""
    (waiting, *_) = [each for each in MESSAGES if each.id == PREFIX + "blocked.resource"]
    assert waiting.default_message == "Waiting for datastore 'vsan-muc-01' (637.4 GiB short)"
    assert waiting.localize(Catalog(language, UTC)).display() == expected


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        (
            "de",
            {0: "0 Schutzgruppen replizieren", 1: "1 Schutzgruppe repliziert", 2000: "2.000 Schutzgruppen replizieren"},
        ),
        ("ja", {0: "0 個の", 1: "1 個の", 2000: "2,000 個の"}),
        (
            "ar_EG",
            {
                0: "لا تُنسخ أي مجموعة حماية",
                1: "لا تزال مجموعة حماية واحدة",
                2: "لا تزال مجموعتا حماية",
                3: "لا تزال ٣ مجموعات حماية",
                11: "لا تزال ١١ مجموعة حماية",
                2000: "لا تزال ٢٬٠٠٠ مجموعة حماية",
            },
        ),
    ],
)
def test_a_number_picks_the_plural_form_of_the_language(language: str, forms: dict[int, str]) -> None:
    """E-9: Arabic has six of them."""
    for count, begin in forms.items():
        told = message("error.replicating", count=Param(i=count), site=Param(s="x")).localize(Catalog(language, UTC))
        assert told.display().startswith(begin)


def test_a_catalogue_has_every_plural_form_of_its_language() -> None:
    """E-9: and all catalogues know the same messages, with the same places."""
    tables = [json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8")) for language in LANGUAGES]
    for language, texts in zip(LANGUAGES, tables, strict=True):
        forms = {*Locale.parse(language).plural_form.tags, "other"}
        assert texts.keys() == tables[0].keys()
        for id, text in texts.items():
            if isinstance(text, dict):
                assert text.keys() == forms | {"by"}
            german = tables[0][id]
            places = [set(re.findall(r"{(\w+)}", str(each))) for each in (text, german)]
            assert places[0] == places[1]


@pytest.mark.parametrize("format", [None, *DateTimeFormat])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_time_is_shown_in_its_format_and_the_zone_of_the_reader(language: str, format: DateTimeFormat | None) -> None:
    """V-1: twelve formats, and unset is SHORT_DATE_TIME. It is the next day there already."""
    late = NOON.replace(hour=23)
    there = late.astimezone(BERLIN)
    width = {"SHORT": "short", "MED": "medium", "LONG": "long", "FULL": "full"}[(format or "SHORT").partition("_")[0]]
    day = dates.format_date(there.date(), width, locale=language)
    time = dates.format_time(late, width, tzinfo=BERLIN, locale=language)
    both = dates.format_datetime(late, width, tzinfo=BERLIN, locale=language)
    expected = {"DATE": day, "TIME": time, "DATE_TIME": both, "": both}[(format or "").partition("_")[2]]
    assert shown(language, Param(dt=late, format=format)) == expected


def test_the_times_of_some_languages_by_hand() -> None:
    """V-1: read by someone who knows them."""
    assert shown("de", Param(dt=NOON, format="MED_DATE_TIME")) == "18.11.2025, 13:30:15"
    assert shown("de", Param(dt=NOON, format="FULL_DATE")) == "Dienstag, 18. November 2025"
    assert shown("ja", Param(dt=NOON, format="FULL_DATE")) == "2025年11月18日火曜日"
    assert shown("ja", Param(dt=NOON)) == "2025/11/18 13:30"
    assert shown("ar", Param(dt=NOON, format="LONG_DATE")) == "18 نوفمبر 2025"
    assert shown("ar_EG", Param(dt=NOON, format="LONG_DATE")) == "18 نوفمبر 2025".translate(EASTERN)


@pytest.mark.parametrize(
    ("precision", "german", "arabic"),
    [
        (None, "1.234,568", "١٬٢٣٤٫٥٦٨"),
        (0, "1.235", "١٬٢٣٥"),
        (1, "1.234,6", "١٬٢٣٤٫٦"),
        (5, "1.234,56780", "١٬٢٣٤٫٥٦٧٨٠"),
    ],
)
def test_a_number_has_as_many_digits_as_its_precision(precision: int | None, german: str, arabic: str) -> None:
    """E-9: unset leaves them to the language."""
    number = Param(d=1234.5678, precision=precision)
    assert [shown(language, number) for language in ("de", "ar_EG")] == [german, arabic]
    in_english = numbers.format_decimal(1234.5678, "#,##0." + "0" * precision if precision else None, locale="en")
    assert shown("ja", number) == (in_english if precision != 0 else "1,235")


def test_a_precision_has_a_bound() -> None:
    """V-5: an int64 is no length that anyone wants."""
    digits = shown("de", Param(d=0.5, precision=2**63 - 1))
    assert digits == "0,5" + "0" * (MAX_PRECISION - 1)


@pytest.mark.parametrize(
    "odd",
    [
        message("nothing.known"),
        message("pg.create"),
        message("error.tools", vm=Param(s="db-1")),
        message("progress.percent", percentage=Param(d=1.0)),
        message("error.replicating", count=Param(s="three"), site=Param(s="x")),
        message("error.replicating", site=Param(s="x")),
        message("blocked.resource", resource=Param(l=NestedLocalizableMessage(id=PREFIX + "resource.unknown"))),
        message("blocked.resource", resource=Param(l=NestedLocalizableMessage(id=PREFIX + "resource.datastore"))),
        message("progress.percent", percent=Param(d=1e30)),
        message("error.snapshot.gone", taken=Param(dt=NOON, format=DateTimeFormat("WEEK_DATE"))),
        message("error.snapshot.gone", taken=Param.from_python({"duration": 3})),
        message("error.snapshot.gone", taken=Param.from_python({"dt": NOON.isoformat(), "format": "SHORT_WEEK"})),
    ],
    ids=lambda odd: str(odd.id).removeprefix(PREFIX),
)
def test_what_does_not_fit_is_shown_in_english(odd: LocalizableMessage) -> None:
    """E-9, V-6: never half of it, and never a default message that is formatted again."""
    for catalog in (*CATALOGUES, Catalog("de", timezone(timedelta(hours=14)))):
        assert odd.localize(catalog) is odd


def test_a_time_past_the_calendar_of_the_reader_is_shown_in_english() -> None:
    """E-9: where there is no such day any more."""
    last = message("error.snapshot.gone", taken=Param(dt=datetime.max.replace(tzinfo=UTC)))
    assert last.localize(Catalog("de", UTC)).display() == "Der Snapshot von 31.12.99, 23:59 wurde nicht gefunden."
    assert last.localize(Catalog("de", BERLIN)) is last


def test_braces_that_a_name_has_are_not_filled() -> None:
    """E-9: neither in a default message nor in an argument."""
    odd = LocalizableMessage(id=PREFIX + "pg.create", default_message="{0.__class__}", args=["{0}{x!r}"])
    assert odd.localize(CATALOGUES[0]).display() == "Schutzgruppe „{0}{x!r}“ erstellen"
    assert odd.evolve(id="other").localize(CATALOGUES[0]).display() == "{0.__class__}"


def test_the_catalogue_wins_over_what_the_server_has_localized() -> None:
    """E-9: whose language may be another reader's; what no catalogue knows stays in it."""
    for each in [each for each in MESSAGES if each.localized is not None]:
        told = each.localize(CATALOGUES[0])
        assert (told.localized == each.localized) == (each.id not in CATALOGUES[0].texts or told == each)


def test_messages_inside_one_another_are_shown_to_the_last() -> None:
    """V-8: as deep as a message may be."""
    inner = NestedLocalizableMessage(id=PREFIX + "phase.commit")
    for _ in range(MAX_NESTED_MESSAGES - 1):
        inner = NestedLocalizableMessage(id=PREFIX + "blocked.resource", params={"resource": Param(l=inner)})
    told = message("blocked.resource", resource=Param(l=inner)).localize(CATALOGUES[0])
    assert told.localized == "Wartet auf " * MAX_NESTED_MESSAGES + "Übernahme"


@settings(max_examples=300, deadline=None)
@given(st.data(), strategies.localizable_messages(), st.sampled_from(CATALOGUES))
def test_any_message_is_shown(data: st.DataObject, drawn: LocalizableMessage, catalog: Catalog) -> None:
    """E-9: with any parameters, under an id that is known."""
    id = data.draw(st.sampled_from([drawn.id, *catalog.texts]))
    names = ["by", "count", "days", "need", "percent", "resource", "taken", "until"]
    params = data.draw(st.dictionaries(st.sampled_from(names), strategies.localization_params()))
    told = drawn.evolve(id=id, params=params or None, localized=None).localize(catalog)
    assert told.display() == (drawn.default_message if told.localized is None else told.localized)


def test_all_messages_of_a_task_are_localized() -> None:
    """E-9, V-12: and nothing else of it changes."""
    for item in RESULT:
        told = localized(item.info, CATALOGUES[1])
        assert Info.from_json(told.to_json()) == told
        assert localized(told, CATALOGUES[1]) == told
        back = told.evolve(description=item.info.description, progress=item.info.progress, error=item.info.error)
        assert back == item.info
    failed = RESULT[0].info.evolve(
        status="FAILED", error=ErrorValue(messages=[message("progress.done")], error_type="ERROR")
    )
    told = localized(failed, CATALOGUES[1])
    assert told.error
    assert told.error.display() == "完了"


def test_the_command_shows_a_list() -> None:
    """E-9: as the recipe says that it is called."""
    command = [sys.executable, str(RECIPES / "messages_babel.py"), "de", "Europe/Berlin"]
    done = subprocess.run(command, input=SAMPLE.read_bytes(), capture_output=True, check=False, env=environment())
    lines = done.stdout.decode().splitlines()
    assert (done.returncode, done.stderr, len(lines)) == (0, b"", len(MESSAGES))
    assert lines[:2] == ["Update the pairing with site 'frankfurt-dr'", "    Abgeschlossen"]
