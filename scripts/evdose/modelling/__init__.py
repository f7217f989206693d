"""Model: effects, safety, synthesis, route difference, trends, the effective dose range, the claims."""
