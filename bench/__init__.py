"""Measurements that the documentation refers to. Run them with `make bench`."""
