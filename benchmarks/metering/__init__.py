"""How fast attainments come, and in how much memory: beside SQL written by hand, pandas, a growing lake, and Spark.

``python -m benchmarks.metering`` measures all in one run and prints ratios; ``--small`` ends within a minute.
"""
