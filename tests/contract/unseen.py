"""Name the rules that no case asks, each with the reason."""

from typing import Final

# The clauses that these two operations cannot show to a caller; each is the subject of its reason.
UNSEEN: Final = {
    "V-1": "is only about names", "V-2": "is about values in Python",
    "V-4": "is shown by U-1: times come back as they were loaded", "V-5": "refuses values that are read",
    "V-7": "refuses values that are built", "V-8": "refuses values that are read",
    "V-9": "refuses values that are read", "V-11": "is about values in Python", "V-12": "is about values in Python",
    "V-13": "refuses values that are read", "V-14": "is about values in Python", "U-3": "is shown by V-6", "U-4": "refuses values that are read",
    "F-8": "is opt-in", "A-7": "needs a check that fails", "A-8": "is about values in Python",
    "A-9": "is shown by A-3 and A-4, which show its effect", "L-4": "needs a store that is broken",
    "L-7": "needs a look inside", "L-8": "needs writers beside readers", "L-9": "needs a store that cannot be reached",
    "L-10": "needs exceptions in the middle of calls",
    "E-1": "needs errors on demand", "E-2": "is shown by W-3", "E-3": "is about the client", "E-4": "is about the client",
    "E-5": "is shown by Q-2 and F-7", "E-6": "is about values in Python", "E-7": "needs a bug on demand",
    "E-8": "is about values in Python", "E-9": "is about values in Python", "E-10": "is about the client",
    "J-1": "is shown by J-6", "J-2": "needs a client that is wrong", "J-3": "is shown by A-1", "J-4": "needs a client that is wrong",
    "J-5": "is shown by J-6",
    "J-6": "is shown by all other rules, if they are asked through `testing.JsonRpc`",
    "W-1": "is shown by U-1: each task is compared whole", "W-4": "is about the client", "W-5": "is about text for people",
}  # fmt: skip
