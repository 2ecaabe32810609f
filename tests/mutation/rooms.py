"""Say which tests run first on the mutants of each room.

The run tries every mutant of the rooms in WHOLE, and a sample of those in SAMPLED.
"""

WHOLE = {
    "filters": ["test_filters.py", "property/test_filter_laws.py", "property/test_source_laws.py"],
    "access": ["test_access.py"],
    "visibility": ["test_access.py", "test_listing.py", "sources"],
    "sources": ["sources", "property/test_source_laws.py", "test_listing.py"],
    "_scan": ["test_listing.py", "sources", "test_access.py", "rest"],
    "listing": ["test_listing.py", "sources", "test_access.py", "rest"],
    "_union": ["test_tasks.py", "property/test_union_laws.py"],
    "tasks": ["test_tasks.py", "value", "test_sealed.py", "property/test_union_laws.py"],
    "errors": ["test_errors.py", "value", "test_sealed.py", "test_access.py", "rest"],
}
SAMPLED = {
    "_boundary": ["rest", "jsonrpc"],
    "_flow": ["test_listing.py", "rest"],
    "_documentation": ["value"],
    "_sealed": ["test_sealed.py"],
    "_sent": ["test_listing.py", "test_access.py", "rest"],
    "_text": ["value", "command/test_text.py"],
    "_value": ["value", "test_tasks.py", "test_sealed.py", "property"],
    "_command": ["command"],
    "index": ["index"],
    "jsonrpc": ["jsonrpc"],
    "messages": ["test_messages.py"],
    "query": ["test_query.py", "property/test_query_laws.py"],
    "rest": ["rest"],
    "sql": ["sql"],
    "testing": ["contract", "testing", "command/test_conform.py"],
}
