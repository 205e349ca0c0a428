-- Each connection of the server has triggers of its own (database/watched.py).
SELECT 1;
