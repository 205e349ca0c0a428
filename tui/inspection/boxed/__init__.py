"""What runs only within the worker's process: all parsers of documents, and the box around them."""
