"""Cases of the HTTP boundary (Q, W)."""

from typing import Any

from tests.testing.make_vectors.cases import case, error, tasks


def boundary_cases() -> None:
    base = "/api/snapservice/tasks"

    def http(
        clause: str,
        name: str,
        mistake: str,
        expect: Any,
        target: str = base,
        method: str = "GET",
        body: str = "",
        **more: Any,
    ) -> None:
        case(
            "boundary",
            clause,
            name,
            mistake,
            {"http": {"method": method, "target": target, "body": body}},
            expect,
            **more,
        )

    for name, path in (
        ("slash", "/"), ("below", "/m/x"), ("below-slash", "/m/"), ("doubled", "//m"), ("none", "x"),
    ):  # fmt: skip
        http(
            "Q-5" if name == "slash" else "W-3",
            f"path-{name}",
            "a trailing slash or a longer path is the same",
            error(404, "OPERATION_NOT_FOUND"),
            base + path,
        )
    for path in ("/api/snapservice/task", "/api/snapservice", "/snapservice/tasks", "/api/snapservice/Tasks", "/"):
        http(
            "W-3",
            f"path{path.replace('/', '-')}",
            "another path is answered",
            error(404, "OPERATION_NOT_FOUND"),
            path,
            level="optional",
        )
    http(
        "W-3",
        "path-before-caller",
        "the caller is asked first",
        error(404, "OPERATION_NOT_FOUND"),
        base + "/",
        caller="nobody",
    )
    for name, raw in (("percent", "%"), ("digits", "%zz"), ("not-utf-8", "%ff"), ("surrogate", "%ed%a0%80")):
        http("W-3", f"id-{name}", "an id that is no text is a bad request", error(404, "NOT_FOUND"), f"{base}/{raw}")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for where, target in (("list", base), ("get", base + "/m")):
            http(
                "W-3",
                f"method-{method}-{where}",
                "405, or it is answered",
                error(400, "INVALID_REQUEST", header=["allow", "GET, HEAD"]),
                target,
                method,
            )
    http(
        "W-3",
        "method-before-caller",
        "the caller is asked first",
        error(400, "INVALID_REQUEST"),
        base,
        "POST",
        caller="nobody",
    )
    http(
        "W-3",
        "caller-before-body",
        "the body is looked at first",
        error(401, "UNAUTHENTICATED"),
        base,
        body="x",
        caller="nobody",
    )
    http(
        "W-3",
        "privilege-before-body",
        "the body is looked at first",
        error(403, "UNAUTHORIZED"),
        base,
        body="x",
        caller="guest",
    )
    http(
        "W-3",
        "body-before-arguments",
        "the query is looked at first",
        error(400, "INVALID_REQUEST"),
        base + "?statuz=1",
        body="x",
    )
    for name, body in (
        ("filter", '{"status":["FAILED"]}'),
        ("text", "status=FAILED"),
        ("null", "null"),
        ("list", "[]"),
        ("half", "{"),
    ):
        for where, target in (("list", base), ("get", base + "/m")):
            http(
                "Q-5",
                f"body-{name}-{where}",
                "a filter in the body is ignored in silence",
                error(400, "INVALID_REQUEST"),
                target,
                body=body,
            )
    for name, body in (("none", ""), ("blank", " \r\n"), ("object", "{}"), ("object-blank", " { } ")):
        http("Q-5", f"body-{name}", "an empty body is refused", tasks("m"), base + "?tasks=m", body=body)
    for name, text in (("known", "status=FAILED"), ("unknown", "x=1"), ("bare", "x")):
        http(
            "Q-5",
            f"query-on-get-{name}",
            "a query on get is ignored",
            error(400, "UNEXPECTED_INPUT"),
            f"{base}/m?{text}",
        )
    for name, text in (("none", "?"), ("empty-pairs", "?&&")):
        http(
            "Q-5",
            f"query-on-get-{name}",
            "no parameter is a parameter",
            {"status": 200, "info_of": "m"},
            f"{base}/m{text}",
        )
    for name, raw, task in (
        ("slash", "a%2Fb", "a/b"), ("slash-lower", "a%2fb", "a/b"), ("plus", "a+b", "a+b"), ("plus-escaped", "a%2Bb", "a+b"), ("blank", "a%20b", "a b"),
        ("percent", "a%2562", "a%62"), ("umlaut", "%C3%A4", "\u00e4"), ("comma", "a,b", "a,b"), ("emoji", "%F0%9F%98%80", "\U0001f600"),
    ):  # fmt: skip
        http(
            "Q-1",
            f"path-{name}",
            "the id is decoded wrongly, or not, or twice",
            {"status": 200, "info_of": task},
            f"{base}/{raw}",
            population="names",
        )
    for name, target, expect in (
        ("list", base, {"status": 200}), ("get", base + "/m", {"status": 200}), ("unknown", base + "/unknown", {"status": 404}), ("wrong", base + "?x", {"status": 400}),
    ):  # fmt: skip
        http("Q-5", f"head-{name}", "HEAD is refused, or has a body", expect | {"no_body": True}, target, "HEAD")
    http(
        "W-2",
        "json",
        "another content type",
        tasks("m") | {"header": ["content-type", "application/json"]},
        base + "?tasks=m",
    )
    http(
        "W-2",
        "json-error",
        "another content type of errors",
        error(400, "UNEXPECTED_INPUT", header=["content-type", "application/json"]),
        base + "?x",
    )
