"""The review's claims, each put to one analysis and judged by a rule of config.yaml, post hoc."""
