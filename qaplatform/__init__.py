"""Quality inspection and training for e-commerce customer-service teams."""

import os

# NumPy's sums are small here: a second thread hardly helps where a core is free, and costs ten times as much where none is.
# It has to be said before NumPy is loaded, and holds for every process that is started from here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
