"""Use cases, one verb each: decide, call the core, call the formats; never print."""
