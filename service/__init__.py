"""Parse -> call the model -> answer, over HTTP."""
