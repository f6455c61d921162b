"""The statements of streams."""

from __future__ import annotations

from typing import Final, LiteralString

from workflow_pg.calls.call import Statement, each, nothing, one, texts
from workflow_pg.models import Stream, StreamPage, StreamWrite
from workflow_pg.rows import STREAM, STREAM_PAGE, STREAM_WRITE

WRITE_STREAM: Final[Statement[StreamWrite]] = one(
    STREAM_WRITE,
    """workflow_pg.write_stream(
        p_run_id => %(run_id)s,
        p_name => %(name)s,
        p_chunks => %(chunks)b,
        p_writer => %(writer)s,
        p_seq => %(seq)s::bigint)""",
)

CLOSE_STREAM: Final[Statement[Stream]] = one(
    STREAM,
    """workflow_pg.close_stream(
        p_run_id => %(run_id)s,
        p_name => %(name)s)""",
)

READ_STREAM: Final[Statement[StreamPage]] = one(
    STREAM_PAGE,
    """workflow_pg.read_stream(
        p_run_id => %(run_id)s,
        p_name => %(name)s,
        p_start => %(start)s::bigint,
        p_limit => %(limit)s::integer)""",
)

GET_STREAM: Final[Statement[Stream]] = one(
    STREAM,
    """workflow_pg.get_stream(
        p_run_id => %(run_id)s,
        p_name => %(name)s)""",
)

LIST_STREAMS: Final[Statement[list[Stream]]] = each(
    STREAM,
    """workflow_pg.list_streams(
        p_run_id => %(run_id)s,
        p_after => %(after)s,
        p_limit => %(limit)s::integer)""",
)

ANNOUNCE_READERS: Final[Statement[set[str]]] = texts(
    """workflow_pg.announce_readers(
        p_reader_ids => %(reader_ids)s,
        p_run_ids => %(run_ids)s,
        p_names => %(names)s,
        p_next_indexes => %(next_indexes)s::bigint[],
        p_hints_for => %(hints_for)s)""",
)

WITHDRAW_READERS: Final[Statement[None]] = nothing(
    """workflow_pg.withdraw_readers(
        p_reader_ids => %(reader_ids)s,
        p_run_ids => %(run_ids)s,
        p_names => %(names)s)""",
)

# Asks for the hints that announced readers are sent; not through a pooler.
LISTEN_STREAMS: Final[LiteralString] = "listen workflow_pg_streams"
