"""What the bench has left in results/, as pages."""
