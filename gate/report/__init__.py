"""The report of a run: a release summary in front, Allure's report of the tests behind it."""
