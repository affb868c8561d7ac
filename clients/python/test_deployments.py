"""GitLab's deployments API, spoken by python-gitlab to a real server."""

import unittest

import gitlab

from wigwag_server import ROOT_TOKEN, Server

SHA = "0123456789abcdef0123456789abcdef01234567"


class Deployments(unittest.TestCase):
    """One server for all; each test reports for a project of its own."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.mia = cls.server.user("mia")

    @classmethod
    def client(cls, token):
        return gitlab.Gitlab(cls.server.url, private_token=token, timeout=10)

    def setUp(self):
        self.project = self.client(ROOT_TOKEN).projects.create({"name": self._testMethodName.replace("_", "-")})

    def report(self, environment="staging", status="running", project=None, **more):
        fields = {"environment": environment, "sha": SHA, "ref": "main", "tag": False, "status": status, **more}
        return (project or self.project).deployments.create(fields)

    def refused(self, kind, code, told, call, *values, **fields):
        with self.assertRaises(kind) as caught:
            call(*values, **fields)
        self.assertEqual(caught.exception.response_code, code)
        self.assertRegex(str(caught.exception.error_message), told)

    def test_what_is_reported_is_read_back(self):
        made = self.report()
        self.assertEqual((made.iid, made.sha, made.ref, made.status), (made.id, SHA, "main", "running"))
        self.assertEqual((made.environment["id"], made.environment["name"]), (3, "staging"))
        self.assertEqual((made.user["username"], made.user["state"]), ("root", "active"))
        self.assertIsNone(made.deployable)
        read = self.project.deployments.get(made.id)
        self.assertEqual(read.attributes, made.attributes)

    def test_a_status_is_saved(self):
        made = self.report()
        made.status = "success"
        made.save()
        self.assertEqual(made.status, "success")
        self.assertEqual(self.project.deployments.get(made.id).status, "success")
        self.project.deployments.update(made.id, {"status": "failed"})
        self.assertEqual(self.project.deployments.get(made.id).status, "failed")

    def test_lists_are_narrowed_and_walked_page_by_page(self):
        for environment, status in (("dev", "success"), ("staging", "success"), ("staging", "failed")):
            self.report(environment, status)
        listed = self.project.deployments.list(iterator=True, per_page=1)
        self.assertEqual([one.status for one in listed], ["failed", "success", "success"])
        self.assertEqual(listed.total, 3)
        (one,) = self.project.deployments.list(get_all=True, environment="staging", status="success")
        self.assertEqual((one.environment["name"], one.status), ("staging", "success"))
        self.assertEqual(self.project.deployments.list(get_all=True, environment="production"), [])

    def test_a_release_is_a_tag(self):
        made = self.report("production", "success", ref="v15.2.0", tag=True)
        kept = self.server.ask("GET", f"/v1/deployments/{made.id}")
        self.assertEqual((kept["ref"], kept["tag"], kept["by"]), ("v15.2.0", True, "root"))

    def test_wrong_reports_are_refused_with_what_is_wrong(self):
        create = gitlab.GitlabCreateError
        self.refused(create, 400, "did you mean .*staging", self.report, "stagin")
        self.refused(create, 400, "created, running, success, failed, canceled", self.report, status="done")
        self.refused(create, 400, "40 or 64 hex digits", self.report, sha="abc")
        self.refused(create, 400, "control characters", self.report, ref="a\nb")
        made = self.report()
        made.status = "gone"
        self.refused(gitlab.GitlabUpdateError, 400, "must be one of", made.save)
        self.assertEqual(len(self.project.deployments.list(get_all=True)), 1)

    def test_another_projects_deployment_is_not_found(self):
        made = self.report()
        other = self.client(ROOT_TOKEN).projects.create({"name": "another"})
        self.refused(gitlab.GitlabGetError, 404, "404 Deployment Not Found", other.deployments.get, made.id)
        update = other.deployments.update
        self.refused(gitlab.GitlabUpdateError, 404, "404 Deployment Not Found", update, made.id, {"status": "failed"})
        self.assertEqual(other.deployments.list(get_all=True), [])

    def test_a_pipelines_token_reports_and_does_nothing_else(self):
        self.project.members.create({"user_id": self.mia, "access_level": 30})
        pipeline = self.client(self.server.token_of(self.mia, "deployments:write"))
        project = pipeline.projects.get(self.project.id, lazy=True)
        made = self.report(project=project)
        made.status = "success"
        made.save()
        self.assertEqual(project.deployments.get(made.id).user["username"], "mia")
        self.refused(gitlab.GitlabGetError, 403, "403 Forbidden", pipeline.projects.get, self.project.id)
        self.refused(gitlab.GitlabListError, 403, "403 Forbidden", project.hooks.list)
        reader = self.client(self.server.token_of(self.mia, "read_api")).projects.get(self.project.id)
        self.assertEqual(reader.deployments.get(made.id).status, "success")
        self.refused(gitlab.GitlabCreateError, 403, "403 Forbidden", self.report, project=reader)

    def test_a_project_that_is_not_seen_is_not_found(self):
        stranger = self.client(self.server.token_of(self.mia, "deployments:write"))
        project = stranger.projects.get(self.project.id, lazy=True)
        self.refused(gitlab.GitlabCreateError, 404, "404 Project Not Found", self.report, project=project)


if __name__ == "__main__":
    unittest.main()
