"""Test the recipe that shows messages in the reader's language, with the locales of Babel (E-9, V-1, V-6, V-8)."""

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

from examples.messages_babel import MAX_PRECISION, TEXTS, BabelCatalog, localized, localized_error
from examples.moving_app import tasks_at
from snaptasks import (
    DateTimeFormat,
    Error,
    ErrorValue,
    Info,
    LocalizableMessage,
    LocalizationParam as Param,
    NestedLocalizableMessage,
    rest,
)
from snaptasks._sent import MESSAGES as SENT, sent
from snaptasks.messages import MAX_NESTED_MESSAGES
from snaptasks.testing import strategies
from tests.command.command_runs import environment
from tests.integration.servers import RECIPES
from tests.integration.test_frameworks import RESULT
from tests.paths import SAMPLE

PREFIX: Final = "com.vmware.snapservice."
LANGUAGES: Final = ("de", "ja", "ar")
CATALOGS: Final = [BabelCatalog(language, UTC) for language in (*LANGUAGES, "ar_EG")]
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


def format_param(language: str, param: Param) -> str:
    """Return the text of a parameter in a catalog."""
    return BabelCatalog(language, BERLIN).param(param)


def test_catalog_localizes_every_message_that_it_knows() -> None:
    """E-9: Leave other messages unchanged, and no placeholder open."""
    moving = [item.info.description for item in tasks_at(300)]
    for catalog in CATALOGS:
        for each in (*MESSAGES, *moving):
            translated = each.localize(catalog)
            if each.id in catalog.texts:
                assert translated.localized is not None
                assert not re.search(r"[{}]", translated.localized)
                assert translated == each.evolve(localized=translated.localized)
            else:
                assert translated is each
    known = [each for each in MESSAGES if each.id in CATALOGS[0].texts]
    assert (len(MESSAGES), len(known)) == (818, 724)
    assert {each.id for each in moving} < CATALOGS[0].texts.keys()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", "Wartet auf Datenspeicher „vsan-muc-01“ (637,4 GiB zu wenig)"),
        ("ja", "データストア「vsan-muc-01」(637.4 GiB 不足)を待っています"),
        ("ar", "في انتظار مخزن البيانات «vsan-muc-01» (ينقصه 637.4 غيغابايت)"),
        ("ar_EG", "في انتظار مخزن البيانات «vsan-muc-01» (ينقصه ٦٣٧٫٤ غيغابايت)"),
    ],
)
def test_catalog_localizes_a_nested_message_in_the_same_language(language: str, expected: str) -> None:
    """V-8, E-9: Use the id of each message, and the digits of the language."""
    (waiting, *_) = [each for each in MESSAGES if each.id == PREFIX + "blocked.resource"]
    assert waiting.default_message == "Waiting for datastore 'vsan-muc-01' (637.4 GiB short)"
    assert waiting.localize(BabelCatalog(language, UTC)).display() == expected


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
def test_catalog_with_number_chooses_the_plural_form(language: str, forms: dict[int, str]) -> None:
    """E-9: Arabic has six forms."""
    for count, begin in forms.items():
        translated = message("error.replicating", count=Param(i=count), site=Param(s="x")).localize(
            BabelCatalog(language, UTC)
        )
        assert translated.display().startswith(begin)


def test_catalog_localizes_every_message_of_the_library() -> None:
    """E-9: Use only the args that a message has, and each that its English text has."""
    for catalog in CATALOGS:
        for name, row in SENT.items():
            translated = sent(name, *(f"<{at}>" for at in range(len(row.args))), text=None if row.text else "x")
            localized = translated.localize(catalog).localized
            assert localized
            in_english = {"<0>", "<2>"} if row.text is None else {*re.findall("<.>", translated.default_message)}
            assert {*re.findall("<.>", localized)} == in_english
            assert ("{task}" in localized) == ("{task}" in translated.default_message)


def test_localized_error_translates_each_message_of_a_raised_error() -> None:
    """E-9: Keep type and data; the texts of the causes follow the first one."""
    body = ErrorValue(messages=[sent("not_found", "t-1"), message("progress.done")], error_type="NOT_FOUND").to_json()
    with pytest.raises(Error) as caught:
        rest.read_info(404, {}, body)
    translated = localized_error(caught.value.value, CATALOGS[0])
    assert [each.display() for each in translated.messages] == [
        "Die Aufgabe „t-1“ wurde nicht gefunden.",
        "Abgeschlossen",
    ]
    assert translated.error_type == "NOT_FOUND"


def test_catalog_has_every_plural_form_of_its_language() -> None:
    """E-9: All catalogs have the same messages, with the same placeholders."""
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
def test_catalog_formats_a_time_in_its_format_and_the_readers_zone(
    language: str, format: DateTimeFormat | None
) -> None:
    """V-1: There are twelve formats; unset means SHORT_DATE_TIME. In the reader's zone, the next day has begun."""
    late = NOON.replace(hour=23)
    local = late.astimezone(BERLIN)
    width = {"SHORT": "short", "MED": "medium", "LONG": "long", "FULL": "full"}[(format or "SHORT").partition("_")[0]]
    day = dates.format_date(local.date(), width, locale=language)
    time = dates.format_time(late, width, tzinfo=BERLIN, locale=language)
    both = dates.format_datetime(late, width, tzinfo=BERLIN, locale=language)
    expected = {"DATE": day, "TIME": time, "DATE_TIME": both, "": both}[(format or "").partition("_")[2]]
    assert format_param(language, Param(dt=late, format=format)) == expected


def test_catalog_formats_times_as_expected_by_hand() -> None:
    """V-1: A reader of these languages checked the expected texts."""
    assert format_param("de", Param(dt=NOON, format="MED_DATE_TIME")) == "18.11.2025, 13:30:15"
    assert format_param("de", Param(dt=NOON, format="FULL_DATE")) == "Dienstag, 18. November 2025"
    assert format_param("ja", Param(dt=NOON, format="FULL_DATE")) == "2025年11月18日火曜日"
    assert format_param("ja", Param(dt=NOON)) == "2025/11/18 13:30"
    assert format_param("ar", Param(dt=NOON, format="LONG_DATE")) == "18 نوفمبر 2025"
    assert format_param("ar_EG", Param(dt=NOON, format="LONG_DATE")) == "18 نوفمبر 2025".translate(EASTERN)


@pytest.mark.parametrize(
    ("precision", "german", "arabic"),
    [
        (None, "1.234,568", "١٬٢٣٤٫٥٦٨"),
        (0, "1.235", "١٬٢٣٥"),
        (1, "1.234,6", "١٬٢٣٤٫٦"),
        (5, "1.234,56780", "١٬٢٣٤٫٥٦٧٨٠"),
    ],
)
def test_catalog_formats_a_number_with_its_precision(precision: int | None, german: str, arabic: str) -> None:
    """E-9: The language decides where the precision is unset."""
    number = Param(d=1234.5678, precision=precision)
    assert [format_param(language, number) for language in ("de", "ar_EG")] == [german, arabic]
    in_english = numbers.format_decimal(1234.5678, "#,##0." + "0" * precision if precision else None, locale="en")
    assert format_param("ja", number) == (in_english if precision != 0 else "1,235")


def test_catalog_with_huge_precision_writes_bounded_digits() -> None:
    """V-5: A precision may be any int64; write at most MAX_PRECISION digits."""
    digits = format_param("de", Param(d=0.5, precision=2**63 - 1))
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
def test_catalog_with_unfit_message_leaves_it_in_english(odd: LocalizableMessage) -> None:
    """E-9, V-6: Never localize a part of it, and never format a default message again."""
    for catalog in (*CATALOGS, BabelCatalog("de", timezone(timedelta(hours=14)))):
        assert odd.localize(catalog) is odd


def test_catalog_with_time_past_the_calendar_leaves_it_in_english() -> None:
    """E-9: The last day of the calendar has no next day in another zone."""
    last = message("error.snapshot.gone", taken=Param(dt=datetime.max.replace(tzinfo=UTC)))
    assert last.localize(BabelCatalog("de", UTC)).display() == "Der Snapshot von 31.12.99, 23:59 wurde nicht gefunden."
    assert last.localize(BabelCatalog("de", BERLIN)) is last


def test_catalog_does_not_fill_braces_of_names() -> None:
    """E-9: This holds for default messages and for arguments."""
    odd = LocalizableMessage(id=PREFIX + "pg.create", default_message="{0.__class__}", args=["{0}{x!r}"])
    assert odd.localize(CATALOGS[0]).display() == "Schutzgruppe „{0}{x!r}“ erstellen"
    assert odd.evolve(id="other").localize(CATALOGS[0]).display() == "{0.__class__}"


def test_catalog_overrides_the_text_that_the_server_localized() -> None:
    """E-9: The server may use another language; keep its text only where the catalog has none."""
    for each in [each for each in MESSAGES if each.localized is not None]:
        translated = each.localize(CATALOGS[0])
        assert (translated.localized == each.localized) == (each.id not in CATALOGS[0].texts or translated == each)


def test_catalog_localizes_nested_messages_at_every_depth() -> None:
    """V-8: Nest them as deep as a message may be."""
    inner = NestedLocalizableMessage(id=PREFIX + "phase.commit")
    for _ in range(MAX_NESTED_MESSAGES - 1):
        inner = NestedLocalizableMessage(id=PREFIX + "blocked.resource", params={"resource": Param(l=inner)})
    translated = message("blocked.resource", resource=Param(l=inner)).localize(CATALOGS[0])
    assert translated.localized == "Wartet auf " * MAX_NESTED_MESSAGES + "Übernahme"


@settings(max_examples=300, deadline=None)
@given(st.data(), strategies.localizable_messages(), st.sampled_from(CATALOGS))
def test_catalog_with_any_params_displays_the_message(
    data: st.DataObject, drawn: LocalizableMessage, catalog: BabelCatalog
) -> None:
    """E-9."""
    id = data.draw(st.sampled_from([drawn.id, *catalog.texts]))
    names = ["by", "count", "days", "need", "percent", "resource", "taken", "until"]
    params = data.draw(st.dictionaries(st.sampled_from(names), strategies.localization_params()))
    translated = drawn.evolve(id=id, params=params or None, localized=None).localize(catalog)
    assert translated.display() == (drawn.default_message if translated.localized is None else translated.localized)


def test_localized_info_changes_its_messages_only() -> None:
    """E-9, V-12: Localize all messages of a task."""
    for item in RESULT:
        changed = localized(item.info, CATALOGS[1])
        assert Info.from_json(changed.to_json()) == changed
        assert localized(changed, CATALOGS[1]) == changed
        back = changed.evolve(description=item.info.description, progress=item.info.progress, error=item.info.error)
        assert back == item.info
    failed = RESULT[0].info.evolve(
        status="FAILED", error=ErrorValue(messages=[message("progress.done")], error_type="ERROR")
    )
    changed = localized(failed, CATALOGS[1])
    assert changed.error
    assert changed.error.display() == "完了"


def test_messages_command_prints_a_list() -> None:
    """E-9: Call it as the recipe says."""
    command = [sys.executable, str(RECIPES / "messages_babel.py"), "de", "Europe/Berlin"]
    done = subprocess.run(command, input=SAMPLE.read_bytes(), capture_output=True, check=False, env=environment())
    lines = done.stdout.decode().splitlines()
    assert (done.returncode, done.stderr, len(lines)) == (0, b"", len(MESSAGES))
    assert lines[:2] == ["Update the pairing with site 'frankfurt-dr'", "    Abgeschlossen"]
