"""What people run from the project's folder: set-up, demo, deployment."""
