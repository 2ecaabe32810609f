# Print the failed tasks, with snaptasks: python failed_tasks.py https://HOST/api SESSION
import sys

import httpx
from snaptasks import FilterSpec, Unauthenticated, format_filter, rest

def failed_tasks(url: str, session: str):
    query = format_filter(FilterSpec(status={"FAILED"}))
    answer = httpx.get(f"{url}/snapservice/tasks?{query}", headers={"vmware-api-session-id": session})
    return rest.read_list(answer.status_code, answer.headers, answer.content).items

if __name__ == "__main__":
    try:
        for item in failed_tasks(*sys.argv[1:]):
            print(f"{item.task!r} {item.info.description.default_message!r}")  # servers must not control terminals
    except Unauthenticated:
        sys.exit("the session has ended")
