"""What a person types: each module has a subcommand or two, in three steps: parse, call, print."""
