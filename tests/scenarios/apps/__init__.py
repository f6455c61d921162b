"""Apps of the scenarios in docs/scenarios.md: modules as users write them."""
