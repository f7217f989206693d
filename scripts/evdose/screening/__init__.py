"""Screen: which records a scenario includes, and why not the others."""
