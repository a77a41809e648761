"""Training: questions and papers, lessons, learning paths. Pure: no clock, no database, no web, no chance without a seed."""
