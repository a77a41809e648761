"""Training: lessons, questions and learning paths. Pure: no database, no clock, no network, no chance without a seed."""
