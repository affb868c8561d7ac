"""OpenFeature's provider for servers, the Python one: one question over HTTP for each evaluation."""

import itertools
import unittest

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode

from wigwag_server import ROOT_TOKEN, Server

DOMAINS = itertools.count()


class Ofrep(unittest.TestCase):
    """One server for all, with these flags."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.addClassCleanup(api.shutdown)
        cls.server.store("plain", {"boolean": True})
        cls.server.store("stopped", {"boolean": False})
        cls.server.store("listed", {"actors": ["User:5", "Project:1"]})
        cls.server.store("spared", {"boolean": True, "opt_outs": ["User:5"]})
        cls.server.store("shared", {"percentage_of_actors": 100})
        cls.server.store("stopped", {"boolean": True}, environment="staging")
        cls.flags = cls.client()

    @classmethod
    def client(cls, prefix="", **headers):
        """A client of the SDK with a provider of its own."""
        headers = headers or {"Authorization": f"Bearer {ROOT_TOKEN}"}
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        domain = f"domain-{next(DOMAINS)}"
        api.set_provider(OFREPProvider(cls.server.url + prefix, headers_factory=lambda: headers), domain)
        return api.get_client(domain)

    def decides(self, flag, context, value, reason, ours):
        details = self.flags.get_boolean_details(flag, not value, context)
        found = (details.value, details.variant, details.reason, details.error_code)
        self.assertEqual(found, (value, "on" if value else "off", reason, None), flag)
        self.assertEqual(details.flag_metadata, {"reason": ours})

    def gives_default(self, details, default, code):
        self.assertEqual((details.value, details.reason, details.error_code), (default, "ERROR", code))

    def test_a_decision_comes_with_variant_reason_and_our_own_words(self):
        someone, other = EvaluationContext("User:5"), EvaluationContext("User:6")
        together = EvaluationContext("User:6", {"actors": ["Project:1"]})
        self.decides("plain", None, True, "STATIC", "boolean")
        self.decides("stopped", someone, False, "DISABLED", "off")
        self.decides("listed", someone, True, "TARGETING_MATCH", "actors")
        self.decides("listed", other, False, "DISABLED", "off")
        self.decides("listed", together, True, "TARGETING_MATCH", "actors")
        self.decides("spared", someone, False, "DISABLED", "opt_out")
        self.decides("auto_disabling_web_hooks", someone, True, "STATIC", "default")
        details = self.flags.get_boolean_details("shared", False, someone)
        self.assertEqual((details.reason, details.flag_metadata["reason"]), ("SPLIT", "percentage_of_actors"))
        self.assertIn(details.flag_metadata["bucket"], range(100_000))

    def test_an_unknown_flag_gives_the_default_and_says_so(self):
        for default in (True, False):
            details = self.flags.get_boolean_details("unheard_of", default)
            self.gives_default(details, default, ErrorCode.FLAG_NOT_FOUND)
            self.assertIn("neither defined nor stored", details.error_message)

    def test_flags_are_truth_values_and_nothing_else(self):
        for details, default in (
            (self.flags.get_string_details("plain", "none"), "none"),
            (self.flags.get_float_details("plain", 7.5), 7.5),
            (self.flags.get_object_details("plain", {"none": True}), {"none": True}),
        ):
            self.gives_default(details, default, ErrorCode.TYPE_MISMATCH)

    def test_the_token_comes_as_bearer_or_as_api_key_and_reading_flags_is_enough(self):
        token = self.server.token_of(self.server.user("reader"), "flags:read")
        for headers in ({"Authorization": f"Bearer {token}"}, {"X_API_Key": token}):
            self.assertIs(self.client(**headers).get_boolean_value("plain", False), True)
        other = self.server.token_of(self.server.user("publisher"), "events:write")
        for headers in ({"X_API_Key": "nonsense"}, {"Authorization": f"Bearer {other}"}, {"X_Other": "nothing"}):
            details = self.client(**headers).get_boolean_details("plain", False)
            self.gives_default(details, False, ErrorCode.GENERAL)

    def test_an_environment_is_a_prefix_of_the_address(self):
        for prefix, value in (
            ("", False),
            ("/environments/production", False),
            ("/environments/staging", True),
            ("/environments/staging/", True),
            ("/environments/staging-canary", True),
        ):
            self.assertIs(self.client(prefix).get_boolean_value("stopped", not value), value, prefix)
        details = self.client("/environments/moon").get_boolean_details("plain", True)
        self.gives_default(details, True, ErrorCode.GENERAL)

    def test_a_token_that_is_bound_to_an_environment_asks_that_one(self):
        token = self.server.token_of(self.server.user("bound"), "flags:read", environments=["staging"])
        headers = {"Authorization": f"Bearer {token}"}
        self.assertIs(self.client(**headers).get_boolean_value("stopped", False), True)
        self.assertIs(self.client("/environments/staging", **headers).get_boolean_value("stopped", False), True)
        details = self.client("/environments/production", **headers).get_boolean_details("stopped", True)
        self.gives_default(details, True, ErrorCode.GENERAL)

    def test_a_context_that_is_wrong_or_too_large_gives_the_default(self):
        for attributes, code in (
            ({"actors": "Project:1"}, ErrorCode.INVALID_CONTEXT),
            ({"actors": [1]}, ErrorCode.INVALID_CONTEXT),
            ({"note": "x" * (64 << 10)}, ErrorCode.GENERAL),
        ):
            details = self.flags.get_boolean_details("plain", False, EvaluationContext("User:5", attributes))
            self.gives_default(details, False, code)
        large = EvaluationContext("User:5", {"note": "x" * (60 << 10)})
        self.assertIs(self.flags.get_boolean_value("plain", False, large), True)

    def test_a_change_is_seen_by_the_next_evaluation(self):
        for value in (True, False, True):
            self.server.store("switched", {"boolean": value})
            self.assertIs(self.flags.get_boolean_value("switched", not value), value)


if __name__ == "__main__":
    unittest.main()
