"""Files of rows, in and out: CSV, JSON lines, Parquet and plain text, by suffix."""
