use bytes::Bytes;
use serde_json::{Value, json};
use wigwag_access::Project;
use wigwag_base::Timestamp;
use wigwag_hooks::EventType;

/// A small event of this type, such as a platform would send, that says of itself that it is a test.
pub(super) fn payload(event_type: &EventType, project: Option<&Project>, now: Timestamp) -> Bytes {
    let mut payload = json!({
        "object_kind": event_type.as_str(),
        "event_name": event_type.as_str(),
        "test": true,
        "created_at": now.to_string(),
        "user": { "id": 1, "username": "ada", "name": "Ada Example" },
        "project": match project {
            Some(project) => json!({
                "id": project.id.0,
                "name": project.name,
                "path_with_namespace": project.full_path,
            }),
            None => json!({ "id": 1, "name": "Sample", "path_with_namespace": "sample/sample" }),
        },
    });
    if let (Some(whole), Value::Object(own)) = (payload.as_object_mut(), specifics(event_type.as_str())) {
        whole.extend(own);
    }
    Bytes::from(payload.to_string())
}

/// What events of one type say beyond what all say.
fn specifics(event_type: &str) -> Value {
    const BEFORE: &str = "1111111111111111111111111111111111111111";
    const AFTER: &str = "2222222222222222222222222222222222222222";
    let issue =
        json!({ "id": 7, "iid": 7, "title": "The bell does not ring", "state": "opened", "action": "open" });
    let note = json!({ "id": 9, "note": "Looks good to me", "noteable_type": "Issue", "noteable_id": 7 });
    match event_type {
        "push" => json!({
            "ref": "refs/heads/main", "before": BEFORE, "after": AFTER, "checkout_sha": AFTER,
            "total_commits_count": 1,
            "commits": [{ "id": AFTER, "message": "Oil the bell", "added": [], "modified": ["bell.md"], "removed": [] }],
        }),
        "tag_push" => {
            json!({ "ref": "refs/tags/v1.0.0", "before": BEFORE, "after": AFTER, "checkout_sha": AFTER })
        }
        "repository_update" => {
            json!({ "changes": [{ "before": BEFORE, "after": AFTER, "ref": "refs/heads/main" }] })
        }
        "issue" => json!({ "object_attributes": issue }),
        "confidential_issue" => {
            let mut issue = issue;
            issue["confidential"] = true.into();
            json!({ "object_attributes": issue })
        }
        "note" => json!({ "object_attributes": note }),
        "confidential_note" => {
            let mut note = note;
            note["confidential"] = true.into();
            json!({ "object_attributes": note })
        }
        "merge_request" => json!({ "object_attributes": {
            "id": 8, "iid": 8, "title": "Oil the bell", "state": "opened", "action": "open",
            "source_branch": "oil", "target_branch": "main",
        } }),
        "job" => {
            json!({ "build_id": 5, "build_name": "test", "build_status": "success", "ref": "main", "sha": AFTER })
        }
        "pipeline" => {
            json!({ "object_attributes": { "id": 4, "ref": "main", "sha": AFTER, "status": "success" } })
        }
        "wiki_page" => {
            json!({ "object_attributes": { "title": "Bells", "slug": "bells", "action": "update" } })
        }
        "deployment" => {
            json!({ "deployment_id": 3, "status": "success", "environment": "production", "short_sha": &AFTER[..8] })
        }
        "feature_flag" => json!({ "object_attributes": { "id": 2, "name": "new_bell", "active": true } }),
        "release" => json!({ "tag": "v1.0.0", "name": "First bell", "action": "create" }),
        "milestone" => {
            json!({ "object_attributes": { "id": 6, "title": "1.0", "state": "active", "action": "create" } })
        }
        "emoji" => {
            json!({ "object_attributes": { "id": 10, "name": "thumbsup", "awardable_type": "Issue", "awardable_id": 7 } })
        }
        "resource_access_token" | "resource_deploy_token" => {
            json!({ "object_attributes": { "id": 11, "name": "deploy", "expires_at": "2030-01-01" } })
        }
        "vulnerability" => {
            json!({ "object_attributes": { "title": "Loose bell", "severity": "low", "state": "detected" } })
        }
        "member" => json!({ "user_username": "ada", "group_access": "Developer", "group_path": "sample" }),
        "subgroup" => json!({ "name": "Bells", "path": "bells", "full_path": "sample/bells" }),
        "project" => json!({ "name": "Sample", "path_with_namespace": "sample/sample" }),
        _ => Value::Null,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{payload, specifics};
    use serde_json::Value;
    use wigwag_base::Timestamp;
    use wigwag_hooks::{EventType, Trigger};

    #[test]
    fn every_trigger_has_an_event_of_its_own_that_says_it_is_a_test() {
        for trigger in Trigger::ALL {
            let event_type = EventType::new(trigger.event_type()).unwrap();
            assert!(specifics(event_type.as_str()).is_object(), "{event_type}");
            let body: Value =
                serde_json::from_slice(&payload(&event_type, None, Timestamp::from_secs(0))).unwrap();
            assert_eq!(body["object_kind"], trigger.event_type());
            assert_eq!(body["test"], true);
        }
        let own = payload(&EventType::new("invoice.paid").unwrap(), None, Timestamp::from_secs(0));
        let own: Value = serde_json::from_slice(&own).unwrap();
        assert_eq!(own["event_name"], "invoice.paid");
    }
}
