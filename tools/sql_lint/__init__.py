"""Checks the SQL of this project for the rules that PostgreSQL itself does not know."""
