"""What keeps one caller from holding up the others: queues, quotas and throttles."""
