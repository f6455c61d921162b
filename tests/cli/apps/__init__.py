"""Apps that the tests of the command line run in workers."""
