"""What is said of something that doesn't exist or isn't the user's: the same sentence wherever it is found out.

A command puts the ID that it was given before it.
"""

from __future__ import annotations

NO_DOCUMENT = "No such document."
NO_FOLDER = "No such folder."
NO_SHORTCUT = "No such shortcut."
IN_TRASH = "The document is in the trash; restore it first."
