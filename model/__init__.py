"""A headline -> its terms -> probabilities -> a judgement, with its evidence."""
