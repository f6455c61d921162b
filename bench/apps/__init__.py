"""The workflows that are measured, once for each mode of the SDK's sandbox."""
