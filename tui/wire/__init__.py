"""The messages of both protocols as typed models."""
