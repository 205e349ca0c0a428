"""A send as a job: what to send under which names, the transfer, and the result of each row."""
