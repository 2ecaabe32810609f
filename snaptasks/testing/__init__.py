"""Provide the conformance kit: data and checks for authors of implementations and of clients.

Data:    `from snaptasks.testing import strategies`: hypothesis strategies for valid values, and for broken ones
Checks:  run_contract(implementation) -> Report       reproduce(id, implementation) -> Violation | None
         TestMine = contract_tests(Mine): the same checks for pytest, a test for each clause
         class Mine(JsonRpc): the same checks for a JSON-RPC service

The strategies need hypothesis, and `contract_tests` needs pytest: the extra `testing`. The rest needs neither.
"""

from .calls import JsonRpc as JsonRpc
from .cases import (
    Case as Case,
    Population as Population,
    vectors as vectors,
)
from .contract import (
    EXAMPLES as EXAMPLES,
    contract_tests as contract_tests,
    reproduce as reproduce,
    run_contract as run_contract,
)
from .report import (
    Report as Report,
    Skipped as Skipped,
    SuiteFault as SuiteFault,
    Violation as Violation,
)
from .source_contract import source_contract_tests as source_contract_tests
from .target import (
    Asker as Asker,
    Implementation as Implementation,
    NoAnswer as NoAnswer,
    OutOfBounds as OutOfBounds,
    TargetFailed as TargetFailed,
)

__all__ = [
    "EXAMPLES",
    "Asker",
    "Case",
    "Implementation",
    "JsonRpc",
    "NoAnswer",
    "OutOfBounds",
    "Population",
    "Report",
    "Skipped",
    "SuiteFault",
    "TargetFailed",
    "Violation",
    "contract_tests",
    "reproduce",
    "run_contract",
    "source_contract_tests",
    "vectors",
]
