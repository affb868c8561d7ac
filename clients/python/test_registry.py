"""GitLab's users, groups, projects and members, spoken by python-gitlab to a real server."""

import unittest

import gitlab
from gitlab.const import AccessLevel

from wigwag_server import ROOT_TOKEN, Server


class Registry(unittest.TestCase):
    """One server for all; each test makes what it needs under a name of its own."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.gitlab = gitlab.Gitlab(cls.server.url, private_token=ROOT_TOKEN, timeout=10)

    def refused(self, code, call):
        with self.assertRaises(gitlab.GitlabError) as refused:
            call()
        self.assertEqual(refused.exception.response_code, code)

    def user(self, name):
        return self.gitlab.users.create({"username": name, "name": name.title(), "email": f"{name}@acme.example"})

    def test_the_server_says_who_asks_and_what_it_is(self):
        self.gitlab.auth()
        self.assertEqual((self.gitlab.user.id, self.gitlab.user.username), (1, "root"))
        version, revision = self.gitlab.version()
        self.assertNotIn("unknown", (version, revision))
        self.refused(401, gitlab.Gitlab(self.server.url, private_token="wrong", timeout=10).auth)

    def test_users_are_made_found_and_given_tokens(self):
        made = self.user("frida")
        self.assertEqual(self.gitlab.users.get(made.id).username, "frida")
        self.assertEqual([user.id for user in self.gitlab.users.list(username="frida", iterator=True)], [made.id])
        self.refused(404, lambda: self.gitlab.users.get(4_711))
        self.refused(409, lambda: self.user("frida"))
        token = made.personal_access_tokens.create({"name": "script", "scopes": ["api"]})
        as_frida = gitlab.Gitlab(self.server.url, private_token=token.token, timeout=10)
        as_frida.auth()
        self.assertEqual(as_frida.user.username, "frida")
        self.refused(403, lambda: as_frida.users.create({"username": "x", "name": "X", "email": "x@acme.example"}))
        self.gitlab.personal_access_tokens.get(token.id).delete()
        self.refused(401, as_frida.auth)

    def test_groups_hold_groups_and_projects(self):
        top = self.gitlab.groups.create({"name": "Umbrella", "path": "umbrella"})
        below = self.gitlab.groups.create({"name": "Labs", "path": "labs", "parent_id": top.id})
        self.assertEqual(below.full_path, "umbrella/labs")
        self.assertEqual(self.gitlab.groups.get("umbrella/labs").id, below.id)
        self.assertIn(top.id, [group.id for group in self.gitlab.groups.list(iterator=True, per_page=1)])
        project = self.gitlab.projects.create({"name": "Virus", "namespace_id": below.id})
        self.assertEqual(project.path_with_namespace, "umbrella/labs/virus")
        self.assertEqual(self.gitlab.projects.get("umbrella/labs/virus").id, project.id)
        self.assertIn(project.id, [found.id for found in self.gitlab.projects.list(iterator=True, per_page=1)])
        self.refused(404, lambda: self.gitlab.projects.get("umbrella/nothing"))

    def test_members_are_added_changed_inherited_and_removed(self):
        group = self.gitlab.groups.create({"name": "Crew", "path": "crew"})
        project = self.gitlab.projects.create({"name": "Ship", "namespace_id": group.id})
        pilot, cook = self.user("pilot"), self.user("cook")
        member = project.members.create({"user_id": pilot.id, "access_level": AccessLevel.DEVELOPER})
        self.assertEqual((member.id, member.access_level), (pilot.id, 30))
        member.access_level = AccessLevel.MAINTAINER
        member.save()
        self.assertEqual(project.members.get(pilot.id).access_level, 40)
        group.members.create({"user_id": cook.id, "access_level": AccessLevel.REPORTER})
        everybody = {one.username: one.access_level for one in project.members_all.list(iterator=True, per_page=1)}
        self.assertEqual((everybody["pilot"], everybody["cook"]), (40, 20))
        self.assertNotIn("cook", [one.username for one in project.members.list(get_all=True)])
        self.refused(409, lambda: project.members.create({"user_id": pilot.id, "access_level": 30}))
        self.refused(400, lambda: project.members.create({"user_id": cook.id, "access_level": 35}))
        project.members.delete(pilot.id)
        self.refused(404, lambda: project.members.get(pilot.id))

    def test_an_admin_asks_for_somebody_else(self):
        self.user("rita")
        seen = self.gitlab.http_get("/user", sudo="rita")
        self.assertEqual(seen["username"], "rita")


if __name__ == "__main__":
    unittest.main()
