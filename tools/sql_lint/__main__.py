"""Prints what breaks a rule.

python -m tools.sql_lint [DIRECTORY]    the project; by default this one
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tools.sql_lint import rules_functions, rules_queries, rules_tables
from tools.sql_lint.findings import Finding, Rule
from tools.sql_lint.source import UnreadableError, load

RULES: tuple[Rule, ...] = (
    rules_tables.run_id_is_the_first_column,
    rules_tables.run_id_is_in_every_key,
    rules_tables.no_reference_between_tables,
    rules_tables.no_trigger,
    rules_tables.no_sequence,
    rules_tables.ids_are_text_collate_c,
    rules_tables.types_are_the_ones_in_use,
    rules_tables.no_temporary_table,
    rules_queries.no_volatile_function_in_a_write,
    rules_queries.no_function_in_on_conflict,
    rules_queries.every_object_has_its_schema,
    rules_queries.only_transitions_write_entities,
    rules_queries.only_emit_event_writes_events,
    rules_functions.a_file_holds_what_it_is_named_after,
    rules_functions.a_function_can_be_replaced,
    rules_functions.a_function_has_a_comment,
    rules_functions.a_door_runs_as_its_owner,
    rules_functions.a_function_is_short,
    rules_functions.a_refusal_has_a_code,
)


def lint(root: Path) -> Iterator[Finding]:
    """What breaks a rule in the migrations/ and sql/ of a directory."""
    project = load(root)
    for file in project.files:
        yield from sorted({found for rule in RULES for found in rule(file, project)})


def main() -> int:
    """Print the findings; 1 when there are any."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2]
    try:
        findings = list(lint(root))
    except UnreadableError as error:
        print(error)
        return 1
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
