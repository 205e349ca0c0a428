"""Who people are: users, sessions, signing in, and passwords."""
