"""The models: fitted on one side, run with numpy alone on the other."""
