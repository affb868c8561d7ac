use crate::world::{GATHERED, World};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_chat_hears_of_pauses_and_recoveries_once_a_minute() {
    let mut world = World::new().await;
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    let said = world.said();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("Webhook \"billing\" of acme/shop is paused.\n• "), "{said:?}");
    assert!(said[0].contains("the receiver answered 500") || said[0].contains("500"), "{said:?}");
    world.enables(&hook).await;
    world.tells_after(GATHERED).await;
    assert_eq!(world.said(), Vec::<String>::new(), "a minute between two messages");
    world.tells_after(MINUTE).await;
    let said = world.said();
    assert!(said.len() == 1 && said[0].contains("works again"), "{said:?}");
}

#[tokio::test]
async fn what_fails_and_recovers_while_it_is_gathered_is_told_as_both() {
    let mut world = World::new().await;
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells().await;
    world.enables(&hook).await;
    world.tells_after(GATHERED).await;
    let said = world.said();
    assert!(
        said.len() == 1 && said[0].contains("works again") && said[0].contains("(it failed at "),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_hook_that_is_gone_or_switched_off_is_not_told_of() {
    let mut world = World::new().await;
    let (gone, off) = (world.hook("gone").await, world.hook("off").await);
    world.fails().await;
    world.tells().await;
    let engine = &world.house.engine;
    engine.delete_hook(&world.house.root, world.scope(), gone.hook.id).await.unwrap();
    let fields = wigwag_engine::hook_admin::HookFields {
        enabled: Some(wigwag_hooks::Switch::Off),
        ..Default::default()
    };
    engine.update_hook(&world.house.root, world.scope(), off.hook.id, fields).await.unwrap();
    world.tells_after(GATHERED).await;
    assert_eq!((world.said(), world.mail.seen()), (vec![], vec![]));
    assert!(world.states(&off).await.iter().any(|state| state == "chat withheld"));
}

#[tokio::test]
async fn a_chat_that_says_when_to_come_back_is_obeyed() {
    let mut world = World::new().await;
    world.chat.answer_next_with(&[503]);
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    assert_eq!(world.said().len(), 1);
    assert!(world.states(&hook).await.contains(&"chat waiting".to_owned()));
    assert!(world.states(&hook).await.contains(&"mail sent".to_owned()), "the other channel goes on");
    world.tells_after(Duration::from_secs(1)).await;
    assert_eq!(world.said().len(), 1);
    assert!(world.states(&hook).await.contains(&"chat sent".to_owned()));
}

#[tokio::test]
async fn a_message_that_the_chat_finds_wrong_is_given_up_for_people_to_see() {
    let mut world = World::new().await;
    world.chat.answer_next_with(&[400]);
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    assert!(world.states(&hook).await.contains(&"chat failed".to_owned()));
    let kept = world.outbox().await;
    assert!(kept.len() == 1 && kept[0].due_at.is_none(), "{kept:?}");
    assert!(kept[0].last_error.as_deref().unwrap().contains("answers 400"), "{kept:?}");
    world.enables(&hook).await;
    world.tells_after(MINUTE).await;
    assert_eq!(
        world.said().len(),
        1,
        "only the one that was refused: the end of what nobody heard is no news"
    );
}
