"""Examples of workflow-pg; `make demo` runs them."""
