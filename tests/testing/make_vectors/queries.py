"""Cases of query strings (Q)."""

from tests.naive import naive_query
from tests.testing.make_vectors.cases import case, error, tasks
from tests.testing.make_vectors.populations import CROSSED


def query_cases() -> None:
    everything = [each["task"] for each in CROSSED]
    for name, text in (
        ("statuz", "statuz=FAILED"), ("upper-case", "STATUS=FAILED"), ("with-prefix", "filter.status=FAILED"), ("singular", "task=m"),
        ("brackets", "tasks[]=m"), ("page", "page=2"), ("limit", "limit=10"), ("fields", "fields=task"), ("with-blank", "tasks%20=m"),
        ("without-value", "foo"), ("empty-name", "=m"), ("after-a-right-one", "tasks=m&foo=1"), ("question-mark", "?tasks=m"),
    ):  # fmt: skip
        case(
            "query",
            "Q-2",
            f"unknown-{name}",
            "an unknown parameter is ignored",
            {"list": text},
            error(400, "UNEXPECTED_INPUT"),
        )
    for name, text, primary in (
        ("equals", "tasks=", "tasks"), ("bare", "tasks", "tasks"), ("status", "status=", "status"), ("second", "tasks=m&users=", "users"),
    ):  # fmt: skip
        case(
            "query",
            "Q-2",
            f"empty-{name}",
            "an empty value is no constraint",
            {"list": text},
            error(400, "INVALID_ARGUMENT", primary=primary),
        )
    for name, text in (
        ("percent", "tasks=%"), ("one-digit", "tasks=%6"), ("no-digits", "tasks=%zz"), ("sign", "tasks=%+1"),
        ("not-utf-8", "users=%ff"), ("cut-short", "users=%c3"), ("surrogate", "users=%ed%a0%80"),
        ("overlong", "users=%c0%af"), ("name", "%ff=a"), ("percent-u", "tasks=%u0061"),
    ):  # fmt: skip
        case(
            "query",
            "Q-2",
            f"broken-{name}",
            "what cannot be decoded is taken as it stands",
            {"list": text},
            error(400, "INVALID_ARGUMENT"),
        )
    case(
        "query",
        "Q-2",
        "first-of-two-1",
        "the last mistake is answered, or none",
        {"list": "foo=1&status=BROKEN"},
        error(400, "UNEXPECTED_INPUT"),
    )
    case(
        "query",
        "Q-2",
        "first-of-two-2",
        "unknown names are answered first, or no mistake is",
        {"list": "status=BROKEN&foo=1"},
        error(400, "INVALID_ARGUMENT"),
    )
    for name, text in (("double", "&&tasks=m&&"), ("lone", "tasks=m&"), ("first", "&tasks=m")):
        case("query", "Q-2", f"empty-pair-{name}", "an empty pair is a mistake", {"list": text}, tasks("m"))
    case("query", "Q-2", "empty-pairs-alone", "an empty pair is a constraint", {"list": "&&"}, tasks(*everything))
    case(
        "query",
        "Q-2",
        "repeated",
        "a repeated member counts twice",
        {"list": "tasks=m&tasks=m&tasks=b&tasks=m"},
        tasks("m", "b"),
    )
    for name, text, ids in (
        ("comma", "tasks=a,b", ["a,b"]), ("comma-escaped", "tasks=a%2Cb", ["a,b"]), ("semicolon", "tasks=a;b", ["a;b"]),
        ("plus", "tasks=a+b", ["a b"]), ("plus-escaped", "tasks=a%2Bb", ["a+b"]), ("blank-escaped", "tasks=a%20b", ["a b"]),
        ("equals", "tasks=a=b", ["a=b"]), ("ampersand-escaped", "tasks=a%26b", ["a&b"]), ("slash", "tasks=a/b", ["a/b"]),
        ("leading-plus", "tasks=+a", [" a"]), ("trailing-plus", "tasks=a+", ["a "]),
    ):  # fmt: skip
        case(
            "query",
            "Q-3",
            name,
            "a separator that is none, or a plus that stays",
            {"list": text},
            tasks(*ids),
            population="names",
        )
    for name, text, ids in (
        ("lower-case-digits", "tasks=%c3%a4", ["\u00e4"]), ("upper-case-digits", "tasks=%C3%A4", ["\u00e4"]), ("needless", "tasks=%61", ["a"]),
        ("twice", "tasks=a%2562", ["a%62"]), ("name-escaped", "t%61sks=ab", ["ab"]), ("four-bytes", "tasks=%F0%9F%98%80", ["\U0001f600"]),
        ("two-fields-mixed", "tasks=a&services=a&tasks=ab", ["a"]), ("order", "tasks=ab&tasks=a", ["a", "ab"]),
    ):  # fmt: skip
        case(
            "query",
            "Q-1",
            name,
            "escapes decoded wrongly, or not, or twice",
            {"list": text},
            tasks(*ids),
            population="names",
        )
    case(
        "query",
        "Q-4",
        "too-many-members",
        "members without end are read",
        {"list": "tasks=a&", "times": 20_001},
        error(400, "INVALID_ARGUMENT"),
    )
    case(
        "query",
        "Q-4",
        "members-within-bounds",
        "long filters are refused",
        {"list": "tasks=b&", "times": 20_000},
        tasks("b"),
    )
    case(
        "query",
        "Q-4",
        "too-long",
        "a query without end is read",
        {"list": "tasks=aaaaaaa&" + "a" * 1024, "times": 1024},
        error(400, "INVALID_ARGUMENT"),
    )
    for number, text in enumerate(("tasks=m&status=BROKEN", "users=&foo", "foo&users=", "tasks=%&foo")):
        refused = naive_query(text.encode())
        assert isinstance(refused, tuple)
        case(
            "query",
            "Q-2",
            f"first-mistake-{number}",
            "another mistake than the first is told",
            {"list": text},
            error(400, refused[0]),
        )
