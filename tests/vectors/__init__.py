"""What ranking comes to in a small world: inputs and answers, for clients in other languages."""
