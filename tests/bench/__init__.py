"""Speed beside other tools, measured in one run: `make bench`. Nothing here is a test, and no test asserts a speed."""
