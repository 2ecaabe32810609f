"""Test which text of a message is displayed, and which fields a parameter may have (E-9, V)."""

import json

import pytest
from pydantic import ValidationError

from snaptasks import InvalidValue, LocalizableMessage, LocalizationParam

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
