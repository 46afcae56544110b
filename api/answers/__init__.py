"""What the API answers: the models, and how they are made from records."""
