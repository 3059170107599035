"""The copy desk: the page where an editor sees what a headline does. It draws; `model` judges."""
