"""The conformance kit: data and checks for whoever implements the specification, or talks to an implementation.

Data:  `from snaptasks.testing import strategies`: hypothesis strategies, valid by construction or wrong by one rule

It needs the extra `testing`; nothing else of the package imports it.
"""
