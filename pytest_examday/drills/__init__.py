"""The machinery of a drill: a fault that is put in while actors work, and always taken out. Knows no suite."""
