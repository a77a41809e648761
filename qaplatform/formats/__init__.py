"""Reading and writing transcript files; ``reading`` is the readers' front door."""
