"""Durable, event-sourced workflows with nothing but PostgreSQL."""
