"""Everything SQL: the engine, the tables, and queries by concept. Nothing here decides what may be done."""
