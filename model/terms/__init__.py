"""What a headline becomes: cleaned, cut into tokens and n-grams, marked by style, each term with its key."""
