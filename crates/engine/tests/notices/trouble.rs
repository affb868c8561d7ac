use crate::sink::Instead;
use crate::world::{GATHERED, HOUR, World};
use bytes::Bytes;
use std::time::Duration;
use wigwag_engine::hook_admin::{HookFields, HookView};
use wigwag_engine::intake::Incoming;
use wigwag_engine::limits::OUTAGE_FORSAKEN_AFTER;
use wigwag_hooks::Switch;
use wigwag_ports::notices::{Notices, ToldOf};

#[tokio::test]
async fn a_mail_server_that_says_later_is_asked_again_and_holds_up_no_other_channel() {
    let mut world = World::new().await;
    world.mail.does(&[Instead::Refuse("451 greylisted"), Instead::Refuse("451 greylisted")]);
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    assert_eq!((world.mail.seen().len(), world.said().len()), (0, 1));
    let waiting = world.outbox().await;
    assert!(waiting[0].last_error.as_deref().unwrap().contains("greylisted"), "{waiting:?}");
    world.tells_after(Duration::from_secs(1)).await;
    assert_eq!(world.mail.seen().len(), 0, "refused again");
    world.tells_after(Duration::from_secs(4)).await;
    assert_eq!(world.mail.seen().len(), 0, "the second wait is longer");
    world.tells_after(Duration::from_secs(1)).await;
    assert_eq!(world.mail.seen().len(), 1);
    assert!(world.states(&hook).await.contains(&"mail sent".to_owned()));
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_given_up_and_the_next_mail_is_tried() {
    let mut world = World::new().await;
    world.mail.does(&[Instead::Refuse("550 no such user")]);
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    assert_eq!(world.mail.seen(), []);
    assert!(world.states(&hook).await.contains(&"mail failed".to_owned()));
    let kept = world.outbox().await;
    assert!(kept.len() == 1 && kept[0].due_at.is_none(), "{kept:?}");
    world.hook("other").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    assert_eq!(world.mail.seen().len(), 1);
}

#[tokio::test]
async fn after_a_day_mail_is_given_up() {
    let mut world = World::new().await;
    world.mail.does(&[Instead::Refuse("554 relay denied"); 2]);
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    assert!(
        world.states(&hook).await.contains(&"mail waiting".to_owned()),
        "the server's settings can be mended"
    );
    world.tells_after(24 * HOUR).await;
    assert!(world.states(&hook).await.contains(&"mail failed".to_owned()));
    assert_eq!(world.mail.seen(), []);
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_last_word_repeats_the_mail_with_its_id() {
    let mut world = World::new().await;
    world.mail.does(&[Instead::BreakAfterData]);
    world.hook("billing").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    world.tells_after(Duration::from_secs(1)).await;
    let mails = world.mail.seen();
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
}

#[tokio::test]
async fn what_waits_is_told_after_a_restart_and_what_changed_before_it_too() {
    let mut world = World::new().await;
    world.hook("first").await;
    world.fails().await;
    world.tells().await;
    world.hook("second").await;
    world.fails().await;
    world.house.restart().await;
    world.tells_after(GATHERED).await;
    let (mails, said) = (world.mail.seen(), world.said());
    assert_eq!((mails.len(), said.len()), (1, 1), "{mails:?} {said:?}");
    assert_eq!(mails[0].header("Subject"), "[Wigwag] 2 webhooks fail");
}

#[tokio::test]
async fn what_went_out_does_not_go_out_again_because_the_store_takes_no_note_of_it() {
    let mut world = World::new().await;
    world.hook("billing").await;
    world.fails().await;
    world.tells().await;
    world.house.store.refuse_notes(true);
    world.house.clock.advance(GATHERED);
    assert!(world.house.engine.send_outbox().await.is_err());
    assert!(world.house.engine.send_outbox().await.is_err());
    world.house.store.refuse_notes(false);
    world.tells().await;
    assert_eq!((world.mail.seen().len(), world.said().len()), (1, 1));
    assert!(world.outbox().await.is_empty());
}

#[tokio::test]
async fn what_is_our_own_fault_is_told_to_nobody() {
    let mut world = World::new().await;
    let scope = world.scope();
    // No name server answers in this house.
    let hook = world.hook_at(scope, "named", "http://receiver.example/hook", &["order.paid"], 1).await;
    world.fails().await;
    world.tells_after(HOUR).await;
    assert_eq!((world.mail.seen(), world.said(), world.told(&hook).await), (vec![], vec![], vec![]));
}

/// Hooks at five hosts that nothing can be connected to, and so many requests to them that it is our own network.
async fn outage(world: &World) -> Vec<HookView> {
    let mut hooks = Vec::new();
    let listeners = [(); 5].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    for listener in &listeners {
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        hooks.push(world.hook_at(world.scope(), "unreached", &url, &["order.paid"], 4).await);
    }
    drop(listeners);
    let event = || Incoming {
        event_type: "order.paid".into(),
        payload: Bytes::from_static(b"{}"),
        idempotency_key: None,
        chain: None,
    };
    // Until the twentieth attempt it counts; nothing is told before that is known.
    world.house.engine.publish(world.project.id, (0..6).map(|_| event()).collect()).await.unwrap();
    hooks
}

#[tokio::test]
async fn while_nobody_can_be_reached_nobody_is_told() {
    let mut world = World::new().await;
    outage(&world).await;
    world.tells_after(GATHERED).await;
    world.tells_after(HOUR).await;
    assert_eq!((world.mail.seen(), world.said()), (vec![], vec![]));
}

#[tokio::test]
async fn when_nobody_tries_any_more_what_was_held_back_is_told() {
    let world = World::new().await;
    let hooks = outage(&world).await;
    world.tells().await;
    for one in &hooks {
        let fields = HookFields { enabled: Some(Switch::Off), ..HookFields::default() };
        let engine = &world.house.engine;
        engine.update_hook(&world.house.root, world.scope(), one.hook.id, fields).await.unwrap();
    }
    let told = async || {
        let ids = hooks.iter().map(|one| one.hook.id).collect();
        world.house.store.told(ToldOf::Hooks(ids), 100).await.unwrap().len()
    };
    world.tells_after(OUTAGE_FORSAKEN_AFTER).await;
    assert_eq!(told().await, 0, "somebody may still try");
    world.tells_after(GATHERED).await;
    assert!(told().await > 0);
}
