"""The README of the installed SDK is the one that these apps are made from."""

from __future__ import annotations

import pytest

from tests.sdk.readme.blocks import Block, adapted, readme, words

BLOCKS: list[Block] = [
    ("Basic Workflow", 1),
    ("Step retries", 1),
    ("Step retries", 2),
    ("Run attributes", 1),
    ("Run attributes", 2),
    ("Queue namespaces", 1),
    ("Hooks", 1),
    ("Hooks", 2),
    ("Hooks", 3),
    ("Hooks", 4),
    ("Streaming", 1),
    ("Streaming", 2),
    ("Streaming", 3),
    ("Reading it back", 1),
    ("Reading it back", 2),
    ("Reading it back", 3),
    ("Serializing your own types", 1),
    ("Serializing your own types", 2),
]


def test_the_readme_has_the_blocks_that_are_tested() -> None:
    """What a new release of the SDK has more is named here first."""
    assert list(readme()) == BLOCKS
    assert adapted().keys() == set(BLOCKS)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block[0]}, {block[1]}")
def test_a_block_is_run_as_it_stands_in_the_readme(block: Block) -> None:
    """All its words are in ours, in their order: lines may only be added."""
    ours = iter(words(adapted()[block]))
    missing = [word for word in words(readme()[block]) if word not in ours]
    assert missing == []
