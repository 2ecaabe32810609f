"""What every boundary decides alike, however requests and answers travel (W-3, J-3).

Decides what a Service may be built of, who is told of a failure, and when tasks are looked at. Does not know HTTP,
JSON-RPC and paths.
"""
