"""Decide what all boundaries share, for any form of requests and answers (W-3, J-3).

Decides which settings a Service takes, who learns of a failure, and when a source is asked. Does not know HTTP,
JSON-RPC or paths.
"""
