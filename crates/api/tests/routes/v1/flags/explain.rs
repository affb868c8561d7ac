use crate::world::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_decision_is_explained() {
    let world = World::new().await;
    let flag = "/api/v4/features/webhooks_failed_callout";
    world.root.post(flag, json!({ "value": 10, "key": "percentage_of_actors" })).await.created();
    let explain = "/v1/flags/webhooks_failed_callout/explain";
    let on = world.root.get(&format!("{explain}?actor=Project:1")).await.ok();
    assert_eq!((&on["enabled"], &on["gate"]), (&json!(true), &json!("percentage_of_actors")));
    assert_eq!(on["bucket"], 3_033);
    let off = world.root.get(&format!("{explain}?actor=User:1")).await.ok();
    assert_eq!(
        (&off["enabled"], &off["bucket"], &off["gate"]),
        (&json!(false), &json!(39_149), &Value::Null)
    );
    let nobody = world.root.get(explain).await.ok();
    assert_eq!((&nobody["enabled"], &nobody["bucket"]), (&json!(false), &Value::Null));
    let staging = world.root.get(&format!("{explain}?actor=Project:1&environment=staging")).await.ok();
    assert_eq!(staging["reason"], "default");
    let both = world.root.get("/v1/flags/f/explain?actor=Project:1&actor=User:5").await.ok();
    assert_eq!((&both["reason"], &both["bucket"]), (&json!("unknown"), &json!(50_435)));
    let unknown = world.root.get(&format!("{explain}?environment=moon")).await;
    assert_eq!(unknown.problem(404), "not_found");
    assert_eq!(world.maintainer.get(explain).await.problem(403), "forbidden");
}
