"""Render: figures, tables and the report."""
