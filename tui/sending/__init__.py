"""A send as a job: what is sent under which names, the transfer, and what becomes of each row."""
