"""GitLab's features API, spoken by python-gitlab to a real server."""

import unittest

import gitlab

from wigwag_server import ROOT_TOKEN, Server

FLAG = "webhooks_failed_callout"
OFF = {"key": "boolean", "value": False}
ON = {"key": "boolean", "value": True}


class Features(unittest.TestCase):
    """One server for all; each test begins with nothing stored in any environment."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.mia = cls.server.user("mia")
        cls.ben = cls.server.user("ben")
        cls.group = cls.server.ask("POST", "/api/v4/groups", json={"name": "acme", "path": "acme"})["id"]
        fields = {"name": "shop", "path": "shop", "namespace_id": cls.group}
        cls.project = cls.server.ask("POST", "/api/v4/projects", json=fields)["id"]
        cls.features = cls.client(ROOT_TOKEN).features

    @classmethod
    def client(cls, token, prefix=""):
        return gitlab.Gitlab(cls.server.url + prefix, private_token=token, timeout=10)

    def setUp(self):
        for environment in ("dev", "staging", "production"):
            features = self.client(ROOT_TOKEN, f"/environments/{environment}").features
            for feature in features.list(get_all=True):
                feature.delete()

    def is_now(self, feature, state, *gates):
        self.assertEqual((feature.state, feature.gates), (state, list(gates)))

    def refused(self, told, *values, **fields):
        with self.assertRaises(gitlab.GitlabSetError) as caught:
            self.features.set(*values, **fields)
        self.assertEqual(caught.exception.response_code, 400)
        self.assertRegex(caught.exception.error_message, f"^400 Bad request - {told}")

    # What python-gitlab does by itself.

    def test_what_is_set_is_listed_until_it_is_deleted(self):
        self.assertEqual(self.features.list(get_all=True), [])
        self.is_now(self.features.set(FLAG, True), "on", ON)
        self.is_now(self.features.set("auto_disabling_web_hooks", False), "off", OFF)
        listed = self.features.list(get_all=True)
        self.assertEqual([feature.name for feature in listed], ["auto_disabling_web_hooks", FLAG])
        self.is_now(listed[0], "off", OFF)
        listed[0].delete()
        self.features.delete(FLAG)
        self.assertEqual(self.features.list(get_all=True), [])

    def test_deleting_what_is_not_stored_is_done(self):
        self.features.delete(FLAG)
        self.features.delete("never_heard_of")

    def test_a_bare_number_is_a_percentage_of_time(self):
        self.is_now(self.features.set(FLAG, 30), "conditional", OFF, {"key": "percentage_of_time", "value": 30})
        self.is_now(self.features.set(FLAG, 0.5), "conditional", OFF, {"key": "percentage_of_time", "value": 0.5})

    def test_all_and_nothing_are_for_everyone_whatever_the_key(self):
        for key in ({}, {"key": "percentage_of_actors"}, {"key": "percentage_of_time"}):
            for value in (True, "true", 100, 100.0, "100", "100.0"):
                self.features.set(FLAG, 25, key="percentage_of_actors")
                self.is_now(self.features.set(FLAG, value, **key), "on", ON)
                self.features.delete(FLAG)
            for value in (False, "false", 0, 0.0, "0", "0.0"):
                self.features.set(FLAG, True)
                self.is_now(self.features.set(FLAG, value, **key), "off", OFF)
                self.features.delete(FLAG)

    def test_targets_are_names_in_a_list_with_commas(self):
        shop, acme = f"Project:{self.project}", f"Group:{self.group}"
        mia, ben = f"User:{self.mia}", f"User:{self.ben}"
        hashed = "Repository:@hashed/ab/cd.git"
        actors = set()
        for fields, ids in (
            ({"project": "acme/shop"}, {shop}),
            ({"group": "acme"}, {acme}),
            ({"user": "mia,ben"}, {mia, ben}),
            ({"namespace": "acme, mia"}, {acme, mia}),
            ({"repository": "@hashed/ab/cd.git"}, {hashed}),
        ):
            actors |= ids
            feature = self.features.set(FLAG, True, **fields)
            self.is_now(feature, "conditional", OFF, {"key": "actors", "value": sorted(actors)})
        self.features.set(FLAG, False, user="ben", project="acme/shop")
        feature = self.features.set(FLAG, False, repository="@hashed/ab/cd.git")
        self.is_now(feature, "conditional", OFF, {"key": "actors", "value": sorted({acme, mia})})

    def test_targets_may_be_numbers(self):
        ids = sorted({f"Project:{self.project}", f"Group:{self.group}", f"User:{self.mia}"})
        feature = self.features.set(FLAG, True, project=self.project, group=str(self.group), user=self.mia)
        self.is_now(feature, "conditional", OFF, {"key": "actors", "value": ids})

    def test_gates_come_in_one_order_and_only_those_that_are_set(self):
        self.features.set(FLAG, 12.5)
        self.features.set(FLAG, 30, key="percentage_of_actors")
        feature = self.features.set(FLAG, True, user="mia")
        expected = [OFF, {"key": "actors", "value": [f"User:{self.mia}"]}]
        expected += [{"key": "percentage_of_actors", "value": 30}, {"key": "percentage_of_time", "value": 12.5}]
        self.is_now(feature, "conditional", *expected)
        # Boolean true and a target can stand beside each other; the word is that of the widest.
        self.features.set(FLAG, True)
        feature = self.features.set(FLAG, True, user="mia")
        self.is_now(feature, "on", ON, {"key": "actors", "value": [f"User:{self.mia}"]})
        # An actor who is taken from the list leaves no empty gate behind.
        self.features.set(FLAG, False)
        self.features.set(FLAG, True, user="mia")
        self.is_now(self.features.set(FLAG, False, user="mia"), "off", OFF)

    def test_an_opt_out_shows_as_a_marker_and_bars_enabling(self):
        marker = {"key": "actors", "value": [f"User:{self.mia}:opt_out"]}
        self.is_now(self.features.set(FLAG, "opt_out", user="mia"), "conditional", OFF, marker)
        self.refused(f"User:{self.mia} opted out; use remove_opt_out first", FLAG, True, user="mia")
        self.is_now(self.features.set(FLAG, "remove_opt_out", user="mia"), "off", OFF)
        self.refused("none of them opted out", FLAG, "remove_opt_out", user="mia")
        self.refused("opt_out and remove_opt_out take", FLAG, "opt_out")

    def test_definitions_come_with_flags_and_in_a_list(self):
        definition = self.features.set(FLAG, True).definition
        self.assertEqual((definition["name"], definition["type"]), (FLAG, "beta"))
        self.assertIs(definition["default_enabled"], False)
        for field in ("introduced_by_url", "milestone", "group"):
            self.assertTrue(definition[field], field)
        for field in ("feature_issue_url", "rollout_issue_url", "log_state_changes", "intended_to_rollout_by"):
            self.assertIn(field, definition)
        self.assertIn(definition, self.client(ROOT_TOKEN).http_get("/features/definitions"))
        self.assertIsNone(self.features.set("undefined_one", True, force=True).definition)

    def test_a_name_must_be_known_or_forced(self):
        self.refused('name "brand_new" does not exist', "brand_new", True)
        self.is_now(self.features.set("brand_new", True, force=True), "on", ON)
        self.is_now(self.features.set("brand_new", False), "off", OFF)
        self.features.delete("brand_new")
        self.refused('name "brand_new" does not exist', "brand_new", True)
        self.refused("name may hold only", "not a/name", True, force=True)

    def test_wrong_values_change_nothing(self):
        self.features.set(FLAG, 25, key="percentage_of_actors")
        for told, value, fields in (
            ("value is not between 0 and 100", 101, {}),
            ("value is not between 0 and 100", 100.001, {"key": "percentage_of_actors"}),
            ("value is not between 0 and 100", -1, {}),
            ("value has more than 3 decimals", "12.3456", {}),
            ("value is none of true, false", "maybe", {}),
            ("value is missing", "", {}),
            ("key does not have a valid value", 50, {"key": "boolean"}),
            ("a percentage takes no project", 50, {"project": "acme/shop"}),
            ('project "acme/shpo" does not exist; did you mean "acme/shop"', True, {"project": "acme/shpo"}),
            ('user "nobody" does not exist', True, {"user": "mia,nobody"}),
            ("there is no feature group", True, {"feature_group": "nobody"}),
            ("user is empty", True, {"user": ""}),
        ):
            self.refused(told, FLAG, value, **fields)
        for target in ("project", "group", "namespace", "user", "repository", "feature_group"):
            fields = {"key": "percentage_of_actors", target: "mia"}
            self.refused("key, project, group, user and the like are mutually exclusive", FLAG, True, **fields)
        (feature,) = self.features.list(get_all=True)
        self.is_now(feature, "conditional", OFF, {"key": "percentage_of_actors", "value": 25})

    def test_a_flag_that_is_fully_on_takes_no_percentage(self):
        self.features.set(FLAG, True)
        self.refused("the flag is fully on", FLAG, 50)
        self.refused("the flag is fully on", FLAG, 50, key="percentage_of_actors")
        (feature,) = self.features.list(get_all=True)
        self.is_now(feature, "on", ON)

    def test_an_environment_is_a_prefix_of_the_address(self):
        staging = self.client(ROOT_TOKEN, "/environments/staging").features
        self.is_now(staging.set(FLAG, True), "on", ON)
        self.assertEqual(self.features.list(get_all=True), [])
        canary = self.client(ROOT_TOKEN, "/environments/staging-canary").features
        self.is_now(canary.list(get_all=True)[0], "on", ON)
        production = self.client(ROOT_TOKEN, "/environments/production").features
        production.set(FLAG, 5, key="percentage_of_actors")
        self.assertEqual(self.features.list(get_all=True)[0].gates[1]["value"], 5)
        staging.delete(FLAG)
        self.assertEqual(canary.list(get_all=True), [])
        with self.assertRaises(gitlab.GitlabListError) as caught:
            self.client(ROOT_TOKEN, "/environments/moon").features.list()
        self.assertEqual(caught.exception.response_code, 404)

    def test_sudo_leaves_only_the_rights_of_whom_it_names(self):
        self.is_now(self.features.set(FLAG, True, sudo="root"), "on", ON)
        with self.assertRaises(gitlab.GitlabSetError) as caught:
            self.features.set(FLAG, False, sudo="mia")
        self.assertEqual(caught.exception.response_code, 403)

    # Who may.

    def test_tokens_may_what_their_scopes_say(self):
        with self.assertRaises(gitlab.GitlabAuthenticationError):
            self.client("glpat-nonsense").features.list()
        with self.assertRaises(gitlab.GitlabAuthenticationError):
            gitlab.Gitlab(self.server.url, oauth_token="nonsense").features.set(FLAG, True)
        may = {
            "api": (False, False, False),
            "flags:read": (True, False, False),
            "flags:off": (True, True, False),
            "flags:rw": (True, True, True),
            "hooks:rw": (False, False, False),
        }
        for scope, rights in may.items():
            features = self.client(self.server.token_of(self.mia, scope)).features
            self.features.set(FLAG, True)
            got = (self.allowed(features.list), self.allowed(features.set, FLAG, False))
            self.features.set(FLAG, False)
            self.assertEqual((*got, self.allowed(features.set, FLAG, True)), rights, scope)

    def test_a_token_that_is_bound_to_an_environment_reaches_that_one_alone(self):
        token = self.server.token_of(self.mia, "flags:rw", environments=["staging"])
        own = self.client(token).features
        self.is_now(own.set(FLAG, True), "on", ON)
        self.assertEqual(self.features.list(get_all=True), [])
        self.assertEqual(self.client(token, "/environments/staging").features.list(get_all=True)[0].state, "on")
        for prefix in ("/environments/production", "/environments/dev"):
            self.assertFalse(self.allowed(self.client(token, prefix).features.list), prefix)
            self.assertFalse(self.allowed(self.client(token, prefix).features.set, FLAG, False), prefix)
        several = self.client(self.server.token_of(self.mia, "flags:rw", environments=["dev", "staging"])).features
        with self.assertRaises(gitlab.GitlabSetError) as caught:
            several.set(FLAG, False)
        told = "400 Bad request - environment must be named: the token is bound to dev, staging"
        self.assertEqual((caught.exception.response_code, caught.exception.error_message), (400, told))

    def allowed(self, call, *values):
        try:
            call(*values)
        except gitlab.GitlabError as error:
            self.assertEqual(error.response_code, 403)
            return False
        return True

    # What other clients and scripts send.

    def test_slashes_may_be_repeated_and_trail(self):
        for path in (f"/features//{FLAG}", f"/features/{FLAG}/", f"//features/{FLAG}//"):
            answer = self.server.send("POST", f"/api/v4{path}", json={"value": True})
            self.assertEqual((answer.status_code, answer.json()["state"]), (201, "on"), path)
        self.assertEqual(len(self.server.ask("GET", "/api/v4/features/")), 1)
        answer = self.server.send("DELETE", f"/environments/production/api/v4/features//{FLAG}/")
        self.assertEqual((answer.status_code, answer.content), (204, b""))

    def test_forms_json_and_query_say_the_same(self):
        path = f"/api/v4/features/{FLAG}"
        gate = {"key": "percentage_of_actors", "value": 25}
        fields = {"value": "25", "key": "percentage_of_actors"}
        for sent in (
            {"data": fields},
            {"json": fields},
            {"json": {**fields, "value": 25}},
            {"json": {**fields, "value": 25.0}},
            {"params": fields},
            {"params": {"key": fields["key"]}, "data": {"value": "25"}},
            {"params": {"key": fields["key"], "value": "99"}, "json": {"value": 25}},
        ):
            answer = self.server.send("POST", path, **sent)
            self.assertEqual((answer.status_code, answer.json()["gates"]), (201, [OFF, gate]), sent)
            self.server.ask("DELETE", path)
        for value, state in ((True, "on"), (False, "off")):
            self.assertEqual(self.server.ask("POST", path, json={"value": value})["state"], state)
            self.assertEqual(self.server.ask("POST", path, data={"value": value})["state"], state)

    def test_errors_have_gitlabs_shape_and_status(self):
        path = f"/api/v4/features/{FLAG}"
        for expected, sent in (
            ((400, {"message": "400 Bad request - value is missing"}), {"json": {}}),
            ((400, {"message": "400 Bad request - value is missing"}), {"json": {"value": None}}),
            ((401, {"message": "401 Unauthorized"}), {"json": {"value": True}, "token": None}),
        ):
            answer = self.server.send("POST", path, **sent)
            self.assertEqual((answer.status_code, answer.json()), expected, sent)
        answer = self.server.send("GET", "/api/v4/features", token=self.server.token_of(self.mia, "api"))
        self.assertEqual((answer.status_code, answer.json()["message"]), (403, "403 Forbidden"))
        for status, sent in (
            (400, {"data": "{", "headers": {"Content-Type": "application/json"}}),
            (400, {"data": "[true]", "headers": {"Content-Type": "application/json"}}),
            (400, {"json": {"value": [True]}}),
            (400, {"json": {"value": True, "user": {"name": "mia"}}}),
            (413, {"json": {"value": True, "user": "x" * (2 << 20)}}),
            (415, {"data": "value=true", "headers": {"Content-Type": "text/csv"}}),
        ):
            answer = self.server.send("POST", path, **sent)
            self.assertEqual(answer.status_code, status, answer.text)
            self.assertTrue({"message", "error"} & answer.json().keys())
        self.assertEqual(self.server.ask("GET", "/api/v4/features"), [])


if __name__ == "__main__":
    unittest.main()
