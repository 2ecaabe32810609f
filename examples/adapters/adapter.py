import json
import sys

tasks = []  # yours: the store that is checked
FIELDS = {"operations": "operation", "services": "service", "status": "status", "users": "user"}


def matches(filter, item):
    return all(
        not members or (item["task"] if field == "tasks" else item["info"].get(FIELDS[field])) in members
        for field, members in filter.items()
    )


def visible(caller):
    sees = caller["sees"]
    return [t for t in tasks if sees == "everything" or any(matches(grant, t) for grant in sees)]


def answer(asked):
    caller = asked["caller"]
    if caller is None:
        return 401, {"error_type": "UNAUTHENTICATED", "messages": []}
    if "System.Read" not in caller["privileges"]:
        return 403, {"error_type": "UNAUTHORIZED", "messages": []}
    if asked["do"] == "get":
        found = [t["info"] for t in visible(caller) if t["task"] == asked["task"]]
        return (200, found[0]) if found else (404, {"error_type": "NOT_FOUND", "messages": []})
    found = [t for t in visible(caller) if matches(asked["filter"], t)]
    if len(found) > 1000:
        return 500, {"error_type": "RESOURCE_INACCESSIBLE", "messages": []}
    return 200, {"items": found}


for line in sys.stdin:
    asked = json.loads(line)
    reply = {}
    if asked["do"] == "hello":
        reply = {"lacks": {"queries": "it takes filters", "request": "it knows no HTTP"}}
    elif asked["do"] == "load":
        tasks = asked["tasks"]
    else:
        reply["status"], reply["body"] = answer(asked)
    print(json.dumps(reply), flush=True)
