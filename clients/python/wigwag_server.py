"""A real Wigwag server of a suite's own: on a free port, in a temporary folder, ended with the suite."""

import os
import subprocess
import tempfile
import threading
from pathlib import Path

import requests

PROGRAM = os.environ.get("WIGWAG_BIN") or Path(__file__).parents[2] / "target/debug/wigwag"
ROOT_TOKEN = "client-suites-0123456789abcdef0123456789"
# Seconds. A start that takes longer hangs, and so does an answer.
STARTS_WITHIN = 30
ANSWERS_WITHIN = 10


class Server:
    """`with Server() as server:` gives `server.url` and the ways below to ask it as its operator."""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="wigwag-clients-")
        command = [PROGRAM, "serve", "--listen", "127.0.0.1:0", "--data", "data", *self.options]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("WIGWAG_")}
        self.process = subprocess.Popen(
            command,
            cwd=self.folder.name,
            env={**environment, "WIGWAG_ROOT_TOKEN": ROOT_TOKEN},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        impatient = threading.Timer(STARTS_WITHIN, self.process.kill)
        impatient.start()
        said = []
        try:
            for line in self.process.stdout:
                said.append(line)
                if line.startswith("listening on "):
                    self.url = line.split()[-1]
                    return self
        finally:
            impatient.cancel()
        self.__exit__()
        raise RuntimeError(f"the server did not start: {''.join(said)}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()

    def send(self, method, path, token=ROOT_TOKEN, **options):
        """Any request, with any answer."""
        headers = {"PRIVATE-TOKEN": token, **options.pop("headers", {})} if token else options.pop("headers", {})
        return requests.request(method, self.url + path, headers=headers, timeout=ANSWERS_WITHIN, **options)

    def ask(self, method, path, **options):
        """A request that must succeed; gives the JSON of the answer, None where there is none."""
        answer = self.send(method, path, **options)
        if not answer.ok:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def store(self, flag, state, environment="production"):
        """Stores exactly this state of a flag; None forgets what is stored."""
        fields = {"environment": environment, "state": state, "force": True}
        self.ask("PUT", f"/v1/flags/{flag}/state", json=fields)

    def user(self, username):
        """A new user's id."""
        fields = {"username": username, "name": username, "email": f"{username}@example.com"}
        return self.ask("POST", "/api/v4/users", json=fields)["id"]

    def token_of(self, user_id, *scopes, environments=None):
        """A new token of a user, bound to these environments if there are some."""
        fields = {"name": "suite", "scopes": list(scopes), "environments": environments}
        return self.ask("POST", f"/api/v4/users/{user_id}/personal_access_tokens", json=fields)["token"]
