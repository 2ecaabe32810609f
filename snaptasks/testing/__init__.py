"""The conformance kit: data and checks for whoever implements the specification, or talks to an implementation.

Data:    `from snaptasks.testing import strategies`: hypothesis strategies, valid by construction or wrong by one rule
Checks:  run_contract(implementation) -> Report       reproduce(id, implementation) -> Violation | None
         TestMine = contract_tests(Mine): the same for pytest, a test for each clause

The strategies need hypothesis and `contract_tests` pytest, which are the extra `testing`; the rest needs neither.
"""

from .cases import (
    Case as Case,
    vectors as vectors,
)
from .contract import (
    Asker as Asker,
    Implementation as Implementation,
    TargetFailed as TargetFailed,
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

__all__ = [
    "Asker",
    "Case",
    "Implementation",
    "Report",
    "Skipped",
    "SuiteFault",
    "TargetFailed",
    "Violation",
    "contract_tests",
    "reproduce",
    "run_contract",
    "vectors",
]
