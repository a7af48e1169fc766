"""A locustfile of an open model: `locust -f load/examples/open_locustfile.py --host http://127.0.0.1:8080`.

Two hundred visitors a second come, whether or not the earlier ones have been answered.
"""

from locust import task

from load.open_user import OpenHttpUser, constant


class Visitor(OpenHttpUser):
    """Looks at the front page, and now and then at a second one."""

    arrivals = constant(200)

    @task(3)  # type: ignore[untyped-decorator] # locust has no types
    def look(self) -> None:
        """Open the front page."""
        self.client.get("/")

    @task(1)  # type: ignore[untyped-decorator] # as above
    def read(self) -> None:
        """Open another page, which must say something."""
        with self.client.get("/?page=2", name="second page", catch_response=True) as answer:
            if answer.ok and not answer.content:
                answer.failure("the page is empty")
