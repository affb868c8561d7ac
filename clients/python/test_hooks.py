"""GitLab's hooks API, spoken by python-gitlab to a real server, with a receiver that this suite runs itself."""

import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gitlab
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from wigwag_server import ROOT_TOKEN, Server

# Seconds. A request that does not arrive by then never will.
ARRIVES_WITHIN = 20


class Receiver:
    """Keeps what arrives, and answers with `status`."""

    def __enter__(self):
        self.status, self.arrived, self.news = 200, [], threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.news:
                    receiver.arrived.append((self.headers, body))
                    receiver.news.notify_all()
                self.send_response(receiver.status)
                self.end_headers()
                self.wfile.write(b"heard")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def wait_for(self, count):
        """Headers and payloads of the first `count` requests, once they are there."""
        return [(headers, json.loads(body)) for headers, body in self.wait_for_raw(count)]

    def wait_for_raw(self, count):
        """The same with the bodies' bytes."""
        with self.news:
            if not self.news.wait_for(lambda: len(self.arrived) >= count, ARRIVES_WITHIN):
                raise AssertionError(f"{len(self.arrived)} of {count} requests arrived")
            return self.arrived[:count]


class Hooks(unittest.TestCase):
    """One server and one receiver for all; each test has a project of its own."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server("--allow-network", "127.0.0.0/8"))
        cls.receiver = cls.enterClassContext(Receiver())
        cls.gitlab = gitlab.Gitlab(cls.server.url, private_token=ROOT_TOKEN, timeout=10)
        cls.group = cls.gitlab.groups.create({"name": "Acme", "path": "acme"})

    def setUp(self):
        name = self._testMethodName.replace("_", "-")
        self.project = self.gitlab.projects.create({"name": name, "namespace_id": self.group.id})
        self.receiver.status = 200
        self.receiver.arrived.clear()

    def hook(self, **fields):
        return self.project.hooks.create({"url": f"{self.receiver.url}/{self.project.path}", **fields})

    def publish(self, payload, event_type="push"):
        path = f"/v1/projects/{self.project.id}/events"
        self.server.ask("POST", path, json={"type": event_type, "payload": payload})

    def events(self, hook, **query):
        return self.gitlab.http_list(f"/projects/{self.project.id}/hooks/{hook.id}/events", query, iterator=True)

    def test_a_hook_is_made_read_saved_and_deleted(self):
        made = self.hook(token="hush-hush", issues_events=True, merge_requests_events=1, enable_ssl_verification=False)
        self.assertEqual((made.push_events, made.issues_events, made.merge_requests_events), (True, True, True))
        self.assertEqual((made.alert_status, made.disabled_until, made.project_id), ("executable", None, self.project.id))
        self.assertNotIn("hush-hush", json.dumps(made.attributes))
        read = self.project.hooks.get(made.id)
        self.assertEqual(read.attributes, made.attributes)
        read.push_events = False
        read.save()
        again = self.project.hooks.get(made.id)
        self.assertEqual((again.push_events, again.issues_events), (False, True))
        self.assertTrue(again.attributes["token_present"], "the same URL clears nothing")
        again.url = f"{self.receiver.url}/elsewhere"
        again.save()
        self.assertFalse(again.attributes["token_present"], "a secret does not follow to another address")
        again.delete()
        self.assertEqual(self.project.hooks.list(get_all=True), [])

    def test_lists_are_walked_page_by_page(self):
        made = [self.hook(name=f"hook {number}").id for number in range(5)]
        walked = self.project.hooks.list(iterator=True, per_page=2)
        self.assertEqual([hook.id for hook in walked], made)
        self.assertEqual((walked.total, walked.total_pages), (5, 3))

    def test_what_was_sent_is_listed_with_its_answer(self):
        hook = self.hook(token="hush-hush")
        self.publish({"number": 1})
        ((headers, payload),) = self.receiver.wait_for(1)
        self.assertEqual((headers["X-Gitlab-Event"], headers["X-Gitlab-Token"]), ("Push Hook", "hush-hush"))
        self.receiver.status = 500
        self.publish({"number": 2})
        self.receiver.wait_for(2)
        listed = self.until(lambda: list(self.events(hook)), lambda events: len(events) == 2)
        newest, first = listed
        self.assertEqual((first["request_data"], payload), ({"number": 1}, {"number": 1}))
        self.assertEqual((first["trigger"], first["response_status"], first["response_body"]), ("push_hooks", "200", "heard"))
        self.assertEqual(newest["response_status"], "500")
        self.assertGreater(first["execution_duration"], 0)
        self.assertNotIn("hush-hush", json.dumps(listed))
        self.assertEqual([event["id"] for event in self.events(hook, status="successful")], [first["id"]])
        self.assertEqual([event["id"] for event in self.events(hook, status=500)], [newest["id"]])
        self.assertEqual([event["id"] for event in self.events(hook, per_page=1)], [newest["id"], first["id"]])
        with self.assertRaises(gitlab.GitlabHttpError) as refused:
            list(self.events(hook, status="sometimes"))
        self.assertEqual(refused.exception.response_code, 400)

    def test_a_test_is_sent_now(self):
        hook = self.hook()
        hook.test("push_events")
        ((headers, _),) = self.receiver.wait_for(1)
        self.assertEqual(headers["X-Gitlab-Event"], "Push Hook")
        self.receiver.status = 404
        with self.assertRaises(gitlab.GitlabHookTestError) as refused:
            hook.test("push_events")
        self.assertEqual(refused.exception.response_code, 422)
        with self.assertRaises(gitlab.GitlabHookTestError) as unknown:
            hook.test("push")
        self.assertEqual(unknown.exception.response_code, 400)

    def test_what_failed_is_sent_again(self):
        hook = self.hook()
        self.receiver.status = 500
        self.publish({"number": 1})
        (event,) = self.until(lambda: list(self.events(hook)), lambda events: len(events) == 1)
        self.receiver.status = 200
        path = f"/projects/{self.project.id}/hooks/{hook.id}/events/{event['id']}/resend"
        self.assertEqual(self.gitlab.http_post(path), {"response_status": 200})
        (first, payload), (again, payload_again) = self.receiver.wait_for(2)
        self.assertEqual((first["Idempotency-Key"], payload), (again["Idempotency-Key"], payload_again))
        hook.url = f"{self.receiver.url}/elsewhere"
        hook.save()
        with self.assertRaises(gitlab.GitlabHttpError) as refused:
            self.gitlab.http_post(path)
        self.assertEqual(refused.exception.response_code, 422)

    def test_a_request_is_what_its_owner_says(self):
        hook = self.project.hooks.create({
            "url": f"{self.receiver.url}/{{key}}",
            "url_variables": [{"key": "key", "value": "hush-part"}],
            "custom_headers": [{"key": "X-Team", "value": "hush-team"}],
            "custom_webhook_template": '{"text": "{{user.name}} {{list.1}}"}',
            "push_events_branch_filter": "main",
        })
        self.assertEqual((hook.url_variables, hook.custom_headers), ([{"key": "key"}], [{"key": "X-Team"}]))
        self.publish({"ref": "refs/heads/other"})
        self.publish({"ref": "refs/heads/main", "user": {"name": "Ada"}, "list": [1, 2]})
        ((headers, payload),) = self.receiver.wait_for(1)
        self.assertEqual((headers["X-Team"], payload), ("hush-team", {"text": "Ada 2"}))
        hook.push_events_branch_filter = ""
        hook.save()
        read = self.project.hooks.get(hook.id)
        self.assertEqual((read.url_variables, read.custom_headers), ([{"key": "key"}], [{"key": "X-Team"}]))
        self.assertNotIn("hush-", json.dumps(read.attributes))
        path = f"/projects/{self.project.id}/hooks/{hook.id}"
        self.gitlab.http_put(f"{path}/custom_headers/X-Team", post_data={"value": "new"})
        self.gitlab.http_delete(f"{path}/custom_headers/X-Team")
        self.assertEqual(self.project.hooks.get(hook.id).custom_headers, [])

    def test_signatures_are_those_of_standard_webhooks(self):
        token = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
        hook = self.hook(signing_token=token, custom_webhook_template='{"text": "{{text}}"}')
        self.publish({"text": "grün ✓"})
        self.receiver.wait_for(1)
        tokens = f"/v1/projects/{self.project.id}/hooks/{hook.id}/signing_tokens"
        added = self.server.ask("POST", tokens, json={"overlap_s": 3_600})["token"]
        self.publish({"text": "2"})
        first, both = self.receiver.wait_for_raw(2)
        self.assertEqual(self.verified(token, *first), {"text": "grün ✓"}, "the bytes that were sent are signed")
        for valid in (token, added):
            self.assertEqual(self.verified(valid, *both), {"text": "2"})
        with self.assertRaises(WebhookVerificationError):
            self.verified(added, *first)
        headers, body = first
        with self.assertRaises(WebhookVerificationError):
            self.verified(token, headers, body + b" ")

    def verified(self, token, headers, body):
        """The payload, if the signature is right: the library raises otherwise."""
        return Webhook(token).verify(body, {name.lower(): value for name, value in headers.items()})

    def test_hooks_of_groups_and_of_the_system(self):
        of_group = self.group.hooks.create({"url": f"{self.receiver.url}/group", "push_events": False})
        self.addCleanup(of_group.delete)
        self.assertEqual(self.group.hooks.get(of_group.id).attributes["group_id"], self.group.id)
        of_system = self.gitlab.hooks.create({"url": f"{self.receiver.url}/system", "push_events": False})
        self.addCleanup(of_system.delete)
        self.assertIn(of_system.id, [hook.id for hook in self.gitlab.hooks.list(get_all=True)])

    def test_refusals_are_gitlabs(self):
        for fields, code in (({"url": "ftp://a.example"}, 422), ({"url": "no address"}, 422), ({}, 400)):
            with self.assertRaises(gitlab.GitlabHttpError) as refused:
                self.gitlab.http_post(f"/projects/{self.project.id}/hooks", post_data=fields)
            self.assertEqual(refused.exception.response_code, code, fields)
        with self.assertRaises(gitlab.GitlabGetError) as missing:
            self.project.hooks.get(4_711)
        self.assertEqual((missing.exception.response_code, missing.exception.error_message), (404, "404 Not found"))

    def until(self, look, holds):
        """What `look` finds once it `holds`: results are recorded a moment after they are known."""
        waited = threading.Event()
        for _ in range(ARRIVES_WITHIN * 20):
            found = look()
            if holds(found):
                return found
            waited.wait(0.05)
        raise AssertionError(f"never: {found}")


if __name__ == "__main__":
    unittest.main()
