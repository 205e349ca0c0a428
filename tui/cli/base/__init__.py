"""What commands share: options, talking to the server, results, output and exit statuses."""
