"""Watches one flag as a Python program asks for it, by OpenFeature's provider, and prints when its value was new.

    python watch.py URL TOKEN FLAG

Each line is `on` or `off` and the time in milliseconds since 1970. It ends with its input.
"""

import select
import sys
import time

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider

# Seconds between two questions: the provider asks the server for each evaluation and keeps nothing.
PAUSE = 0.01


def main(url, token, flag):
    api.set_provider(OFREPProvider(url, headers_factory=lambda: {"Authorization": f"Bearer {token}"}))
    flags = api.get_client()
    known = None
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        details = flags.get_boolean_details(flag, False)
        if details.error_code is None and details.value != known:
            known = details.value
            print("on" if known else "off", time.time() * 1000, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
