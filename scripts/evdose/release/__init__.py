"""Release: a content-addressed folder that is whole or not there, its manifest, and what changed."""
