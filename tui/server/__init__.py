"""The embedded server: keeps the documents (Work), publishes the links (Share), serves the recipients.

It imports ``rules`` and ``wire`` and nothing else of the program; what uses it speaks HTTP to it.
"""
