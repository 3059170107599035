"""What a person or a program is shown: nothing here computes."""
