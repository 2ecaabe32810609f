# Print the failed tasks, with the official SDK: python failed_tasks_sdk.py https://HOST/snapservice SESSION
import sys

import requests
from com.vmware.snapservice_client import Tasks
from com.vmware.vapi.std.errors_client import Unauthenticated
from vmware.vapi.lib.connect import get_requests_connector
from vmware.vapi.security.session import create_session_security_context
from vmware.vapi.stdlib.client.factories import StubConfigurationFactory

def failed_tasks(url: str, session: str):
    connector = get_requests_connector(requests.Session(), url=url)
    connector.set_security_context(create_session_security_context(session))
    tasks = Tasks(StubConfigurationFactory.new_std_configuration(connector))
    return tasks.list(Tasks.FilterSpec(status={"FAILED"})).items

if __name__ == "__main__":
    try:
        for item in failed_tasks(*sys.argv[1:]):
            print(f"{item.task!r} {item.info.description.default_message!r}")  # servers must not control terminals
    except Unauthenticated:
        sys.exit("the session has ended")
