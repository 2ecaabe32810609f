"""Name the hypothesis strategies of the kit as the tests use them."""

from hypothesis.strategies import SearchStrategy

from snaptasks import FilterSpec
from snaptasks.testing import strategies

names = strategies.identifiers()
instants = strategies.instants()
doubles = strategies.doubles()
json_values = strategies.json_values()
statuses = strategies.statuses()
error_types = strategies.error_types(unknown=True)
error_values = strategies.error_values
progresses = strategies.progresses()
infos = strategies.infos
list_items = strategies.list_items()
list_results = strategies.list_results()
values = strategies.values()


def filters(members: SearchStrategy[str] = names) -> SearchStrategy[FilterSpec]:
    return strategies.filter_specs(names=members)
