"""What a document says and what it carries, found out by a process of its own.

The programs only hand a document over and read what comes back (``inspector``, ``worker``). Every parser of documents
is in ``boxed``, which nothing but the worker's process imports: it may be killed, may take no more memory and processor
time than it is given, and can open, connect, start and signal nothing (``boxed/box.py``).
"""
