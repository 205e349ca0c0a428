"""The messages of both protocols, as typed models, and their error codes."""
