"""A send under way: its rows, its requests to the server, and its progress."""
