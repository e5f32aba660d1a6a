print("Lifecycle")
