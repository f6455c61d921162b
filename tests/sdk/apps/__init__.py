"""Apps that the tests run: modules as users write them, imported by name."""
