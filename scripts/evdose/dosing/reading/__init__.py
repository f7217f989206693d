"""Reading what registries write: doses, schedules and routes (the grammars: docs/grammar_*.md)."""
