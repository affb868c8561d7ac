//! OpenFeature's SDK over the provider, against the real server.

#![cfg(feature = "openfeature")]

mod house;

use house::until_enabled;
use open_feature::{
    EvaluationContext, EvaluationDetails, EvaluationErrorCode, EvaluationReason, FlagMetadataValue,
    OpenFeature,
};
use serde_json::json;
use wigwag_client::{Client, openfeature};

/// The SDK with a provider on `client`.
async fn sdk(client: &Client) -> open_feature::Client {
    let mut api = OpenFeature::default();
    api.set_provider(openfeature::Provider::new(client.clone())).await;
    api.create_client()
}

fn project_1() -> EvaluationContext {
    EvaluationContext::default().with_targeting_key("Project:1")
}

fn metadata(details: &EvaluationDetails<bool>, key: &str) -> Option<String> {
    match details.flag_metadata.values.get(key)? {
        FlagMetadataValue::String(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}

#[tokio::test]
async fn reasons_are_those_of_the_protocol() {
    let (server, client) = house::pair(|builder| builder).await;
    let root = server.root();
    for (flag, state) in [
        ("on", json!({ "boolean": true })),
        ("off", json!({ "boolean": false })),
        ("listed", json!({ "actors": ["Project:1"] })),
        ("split", json!({ "percentage_of_actors": 100.0 })),
        ("opted_out", json!({ "boolean": true, "opt_outs": ["Project:1"] })),
    ] {
        house::store(&root, flag, state).await;
    }
    // The last of them; it is on for whoever has not opted out.
    until_enabled(&client, "opted_out", &["Project:2"], true).await;
    let sdk = sdk(&client).await;
    for (flag, value, reason, ours) in [
        ("on", true, EvaluationReason::Static, "boolean"),
        ("off", false, EvaluationReason::Disabled, "off"),
        ("listed", true, EvaluationReason::TargetingMatch, "actors"),
        ("split", true, EvaluationReason::Split, "percentage_of_actors"),
        ("opted_out", false, EvaluationReason::Disabled, "opt_out"),
        ("auto_disabling_web_hooks", true, EvaluationReason::Static, "default"),
    ] {
        let details = sdk.get_bool_details(flag, Some(&project_1()), None).await.unwrap();
        assert_eq!((details.value, details.reason.clone()), (value, Some(reason)), "{flag}");
        assert_eq!(details.variant.as_deref(), Some(if value { "on" } else { "off" }));
        assert_eq!(metadata(&details, "reason").as_deref(), Some(ours));
        assert_eq!(metadata(&details, "source").as_deref(), Some("live"));
        assert_eq!(metadata(&details, "stale_for_ms"), None);
    }
    let error = sdk.get_bool_details("unknown", Some(&project_1()), None).await.unwrap_err();
    assert_eq!(error.code, EvaluationErrorCode::FlagNotFound);
    let error = sdk.get_string_details("on", Some(&project_1()), None).await.unwrap_err();
    assert_eq!(error.code, EvaluationErrorCode::TypeMismatch);
    let error = sdk.get_int_details("unknown", None, None).await.unwrap_err();
    assert_eq!(error.code, EvaluationErrorCode::FlagNotFound);
}

const BOOTSTRAP: &[u8] = br#"{"environment": "production", "version": "1", "flags": [
    {"name": "f", "state": {"actors": ["Project:1"]}}, {"name": "g", "default_enabled": true}
], "overrides": ["g"]}"#;

fn offline() -> Client {
    Client::builder("http://127.0.0.1:9").bootstrap(BOOTSTRAP).connect()
}

#[tokio::test]
async fn targeting_key_and_actors_count_together() {
    let sdk = sdk(&offline()).await;
    let user = EvaluationContext::default().with_targeting_key("User:5");
    let enabled =
        async |context: EvaluationContext| sdk.get_bool_value("f", Some(&context), None).await.unwrap();
    assert!(!enabled(user.clone()).await);
    assert!(enabled(user.clone().with_custom_field("actors", openfeature::actors(["Project:1"]))).await);
    assert!(enabled(user.clone().with_custom_field("actors", "Group:9, Project:1")).await);
    assert!(!enabled(EvaluationContext::default().with_targeting_key("")).await);
    let wrong = user.with_custom_field("actors", 5);
    let error = sdk.get_bool_value("f", Some(&wrong), None).await.unwrap_err();
    assert_eq!(error.code, EvaluationErrorCode::InvalidContext);
}

#[tokio::test]
async fn what_comes_from_a_file_says_so() {
    let client = offline();
    let sdk = sdk(&client).await;
    let details = sdk.get_bool_details("f", Some(&project_1()), None).await.unwrap();
    assert_eq!((details.value, &details.reason), (true, &Some(EvaluationReason::Cached)));
    assert_eq!(metadata(&details, "source").as_deref(), Some("bootstrap"));
    let details = sdk.get_bool_details("g", None, None).await.unwrap();
    assert_eq!((details.value, &details.reason), (false, &Some(EvaluationReason::Disabled)));
}

#[tokio::test]
async fn what_outlived_its_stream_is_stale() {
    let (server, client) = house::pair(|builder| builder).await;
    client.ready().await;
    drop(server);
    client.shutdown().await;
    let sdk = sdk(&client).await;
    let details = sdk.get_bool_details("auto_disabling_web_hooks", None, None).await.unwrap();
    assert_eq!(details.reason, Some(EvaluationReason::Other("STALE".to_owned())));
    assert!(metadata(&details, "stale_for_ms").is_some());
}

#[tokio::test]
async fn without_a_snapshot_the_provider_is_not_ready() {
    let sdk = sdk(&Client::builder("http://127.0.0.1:9").connect()).await;
    let error = sdk.get_bool_value("f", None, None).await.unwrap_err();
    assert_eq!(error.code, EvaluationErrorCode::ProviderNotReady);
}
