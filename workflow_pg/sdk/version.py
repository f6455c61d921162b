"""Is the SDK that is installed the one that the adapter was written for?

Apart from `_compat`, which imports private modules that another version may not have.
"""

from __future__ import annotations

SUPPORTED = "0.12."


def check_sdk_version() -> None:
    """Refuse an SDK whose private modules nobody has compared with the adapter.

    Raises:
        ImportError: There is none, or its version is not 0.12.x.
    """
    try:
        from vercel.workflow import version
    except ImportError as error:
        raise ImportError(
            "The package vercel-workflow is not installed:"
            " pip install 'workflow-pg[sdk]'."
        ) from error
    installed = version.__version__
    if not installed.startswith(SUPPORTED):
        raise ImportError(
            f"workflow-pg works with vercel-workflow {SUPPORTED}x and found"
            f" {installed}: pip install 'workflow-pg[sdk]' brings the right one."
        )
