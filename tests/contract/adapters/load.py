"""The command that loads the server beside it: what comes in goes to its endpoint."""

import sys
from urllib.request import urlopen

with urlopen(sys.argv[1], data=sys.stdin.buffer.read(), timeout=10):
    pass
