"""The embedded server: stores the documents (Work), publishes the links (Share) and serves the recipients.

Of the rest of the program it imports only ``rules`` and ``wire``; everything else talks to it over HTTP.
"""

from .base.import_stubs import leave_out

leave_out()
