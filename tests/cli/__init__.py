"""The command line as an administrator uses it: real processes in folders of their own."""
