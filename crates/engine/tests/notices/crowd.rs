use crate::world::{GATHERED, HOUR, World};
use wigwag_access::AccessLevel;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_hooks_that_fail_together_make_one_mail_a_person_and_one_message() {
    let mut world = World::new().await;
    world.member("mia", AccessLevel::Maintainer).await;
    world.hooks(1_000).await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    let mails = world.mail.seen();
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["mia@example.com", "root@localhost"]);
    let mail = &mails[0];
    assert_eq!(mail.header("Subject"), "[Wigwag] 1000 webhooks fail");
    assert!(mail.content.contains("And 980 more that fail."), "{}", mail.content);
    assert!(mail.content.len() < 20_000, "{}", mail.content.len());
    let said = world.said();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("1000 webhooks fail.\n") && said[0].contains("And 995 more that fail."),
        "{said:?}"
    );
    // The events about them are published in turns, each hook's once.
    let told = world.told_of(wigwag_base::HookId(1)).await;
    assert!(told.iter().all(|one| one.state.name() == "sent"), "{told:?}");
    world.tells_after(HOUR).await;
    assert_eq!((world.mail.seen(), world.said()), (vec![], vec![]));
    assert!(world.outbox().await.is_empty());
}
