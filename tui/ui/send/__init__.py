"""The send dialog, and what is asked before it: versions, names, settings, recipients."""
