"""Test which text of a message is displayed, and which fields a parameter may have (E-9, V)."""

import ast
import json
from pathlib import Path
from string import Formatter

import pytest
from pydantic import ValidationError

import snaptasks
from snaptasks import InvalidValue, LocalizableMessage, LocalizationParam
from snaptasks._sent import MESSAGES, sent

MESSAGE = LocalizableMessage(id="m", default_message="100 % of {0} done, %s", args=("disk",))


def test_display_shows_localized_or_the_default_message_unchanged() -> None:
    """E-9: The default message has its arguments already, so that braces and percent signs are text."""
    assert MESSAGE.display() == "100 % of {0} done, %s"
    assert MESSAGE.evolve(localized="fertig").display() == "fertig"
    assert MESSAGE.evolve(localized="").display() == ""


def test_localize_fills_localized_from_a_hook() -> None:
    """E-9: The hook gets the message and looks it up by id; a message unknown to the hook stays unchanged."""
    catalog = {"m": "{} ist fertig"}

    def german(message: LocalizableMessage) -> str | None:
        text = catalog.get(message.id)
        return text and text.format(*message.args)

    assert MESSAGE.localize(german) == MESSAGE.evolve(localized="disk ist fertig")
    assert MESSAGE.localize(lambda message: None) is MESSAGE
    assert MESSAGE.localize(lambda message: "").localized == ""


@pytest.mark.parametrize(
    ("body", "clashes"),
    [
        ({"s": "a", "i": 1}, [("i", ("s",))]),
        ({"l": {"id": "a"}, "d": 1.0, "s": "a"}, [("l", ("s",)), ("d", ("s",))]),
        ({"s": "a", "format": "LONG_DATE"}, [("format", ("dt",))]),
        ({"precision": 2, "i": 1}, [("precision", ("d",))]),
        ({"s": "a", "format": "NEW", "precision": 2}, [("format", ("dt",)), ("precision", ("d",))]),
    ],
)
def test_parameter_with_clashing_fields_is_refused(
    body: dict[str, object], clashes: list[tuple[str, tuple[str, ...]]]
) -> None:
    """V-13: Only one of five fields, format only with dt, precision only with d; the violation names the clash."""
    with pytest.raises(InvalidValue) as caught:
        LocalizationParam.from_json(json.dumps(body))
    assert sorted((v.path, v.clashes) for v in caught.value.violations) == sorted(clashes)
    with pytest.raises(ValidationError):
        LocalizationParam(**body)  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [{}, {"b": True}, {"new": {"deep": [1]}, "format": "NEW", "precision": 2}])
def test_parameter_of_an_unknown_kind_is_read_without_a_value(body: dict[str, object]) -> None:
    """V-6: A newer server does not break a reader; a constructor requires one of the five fields."""
    param = LocalizationParam.from_json(json.dumps(body))
    assert (param.s, param.dt, param.i, param.d, param.l) == (None,) * 5
    assert LocalizationParam.from_json(param.to_json()) == param == LocalizationParam.from_python(body)
    message = {"id": "", "default_message": "", "params": {"p": body, "q": {"s": "x"}}}
    assert LocalizableMessage.from_python(message).params == {"p": param, "q": LocalizationParam(s="x")}
    with pytest.raises(ValidationError, match="must have one of s, dt, i, d, l"):
        LocalizationParam(format=param.format, precision=param.precision)


def test_parameter_with_negative_precision_is_refused() -> None:
    """V-5: The precision is an int64 of at least 0."""
    assert LocalizationParam(d=1.5, precision=0).precision == 0
    with pytest.raises(InvalidValue, match=r"precision.*\[V-5\]"):
        LocalizationParam.from_json('{"d":1.5,"precision":-1}')


# The table of messages

PACKAGE = Path(snaptasks.__file__).parent


def calls_of_sent() -> list[ast.Call]:
    """Return each call of `sent` in the package."""
    return [
        node
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "sent"
    ]


def test_messages_cover_every_call_of_sent() -> None:
    """E-9: each message that the package sends has a row with as many args, and each row is sent."""
    names = set()
    for call in calls_of_sent():
        name, *args = call.args
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            names.add(name.value)
            assert len(args) == len(MESSAGES[name.value].args), name.value
    assert names | {"invalid_argument", "unexpected_input"} == {*MESSAGES}


def test_messages_come_only_from_sent() -> None:
    """E-9: no other code of the package builds a message with an id of its own."""
    found = [
        path.name
        for path in PACKAGE.rglob("*.py")
        if "testing" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LocalizableMessage"
    ]
    assert found == ["_sent.py"]


@pytest.mark.parametrize("name", MESSAGES)
def test_message_row_names_each_arg_of_its_text(name: str) -> None:
    """E-9: a place in the text stands for one of the args; a row says when its message is sent."""
    message = MESSAGES[name]
    assert message.id == f"com.vmware.snapservice.tasks.{name}"
    assert message.when.endswith(".")
    if message.text is not None:
        places = {int(place) for _, place, _, _ in Formatter().parse(message.text) if place is not None}
        assert places == {*range(len(message.args))}
        assert sent(name, *message.args).default_message == message.text.format(*message.args)


def test_sent_of_a_violation_has_the_given_text() -> None:
    """E-5, E-9: the text of the first violation is the text of the message."""
    message = sent("invalid_argument", "status", "'x'", "must be known", "1", text="status: must be known")
    assert (message.default_message, message.args) == ("status: must be known", ("status", "'x'", "must be known", "1"))
