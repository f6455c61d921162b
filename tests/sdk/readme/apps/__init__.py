"""The code of the SDK's README as it stands there, with business functions of ours.

``# README: <heading>, <number>`` ... ``# end`` enclose a block. Between them are all
lines of the block in their order, and where the README writes ``...`` a line of ours.
"""
