"""Widgets of the app. They draw and take keys; they never do I/O."""
