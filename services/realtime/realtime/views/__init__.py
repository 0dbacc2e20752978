"""What HTTP requests are answered with."""
