use crate::world::{GATHERED, HOUR, World};
use std::time::Duration;
use wigwag_access::AccessLevel;
use wigwag_hooks::HookScope;
use wigwag_ports::notices::NoticeState;

#[tokio::test]
async fn those_who_may_mend_a_paused_hook_get_one_mail_and_nobody_else_does() {
    let mut world = World::new().await;
    world.member("mia", AccessLevel::Maintainer).await;
    world.member("dev", AccessLevel::Developer).await;
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells().await;
    assert_eq!(world.mail.seen(), [], "first it is gathered");
    world.tells_after(GATHERED).await;
    let mails = world.mail.seen();
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["mia@example.com", "root@localhost"], "root made the group and owns it");
    let mail = &mails[0];
    assert_eq!(mail.header("Subject"), "[Wigwag] Webhook \"billing\" of acme/shop is paused");
    assert_eq!(mail.header("From"), "Wigwag <wigwag@example.org>");
    assert_eq!(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(
        mail.header("List-Unsubscribe").starts_with("<http://127.0.0.1:8080/-/notices/unsubscribe?user=")
    );
    let page = format!("http://127.0.0.1:8080/projects/{}/hooks/{}", world.project.id, hook.hook.id);
    assert!(mail.content.contains(&page) && mail.content.contains("after 1 failure"), "{}", mail.content);
    let told = world.told(&hook).await;
    let mailed: Vec<_> = told.iter().filter(|one| one.user.is_some()).collect();
    assert!(mailed.len() == 2 && mailed.iter().all(|one| one.state == NoticeState::Sent), "{told:?}");
    assert!(world.outbox().await.is_empty());
}

#[tokio::test]
async fn what_happens_within_the_hour_waits_for_its_end_and_comes_together() {
    let mut world = World::new().await;
    world.member("mia", AccessLevel::Maintainer).await;
    let first = world.hook("first").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    assert_eq!(world.mail.seen().len(), 2);
    world.enables(&first).await;
    world.hook("second").await;
    world.pays().await;
    world.tells_after(HOUR - Duration::from_secs(1)).await;
    assert_eq!(world.mail.seen(), [], "an hour between two mails");
    world.tells_after(Duration::from_secs(1)).await;
    let mails = world.mail.seen();
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert_eq!(mails[0].header("Subject"), "[Wigwag] 2 webhooks fail", "paused again, and paused");
}

#[tokio::test]
async fn whoever_heard_that_it_is_worse_hears_that_it_is_well() {
    let mut world = World::new().await;
    let mia = world.member("mia", AccessLevel::Maintainer).await;
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    assert_eq!(world.mail.seen().len(), 2);
    world.leaves(&mia).await;
    world.member("max", AccessLevel::Maintainer).await;
    world.enables(&hook).await;
    world.tells_after(HOUR).await;
    let mails = world.mail.seen();
    assert_eq!(mails.len(), 1, "mia may not know, max does not know what it is about: {mails:?}");
    assert_eq!(mails[0].header("Subject"), "[Wigwag] Webhook \"billing\" of acme/shop works again");
}

#[tokio::test]
async fn a_decaying_hook_and_one_that_only_stumbled_tell_nobody() {
    let mut world = World::new().await;
    let decays = world.hook("decays").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    world.mail.seen();
    world.said();
    world.pays().await;
    for minutes in [1, 2, 4] {
        world.tells_after(Duration::from_secs(60 * minutes)).await;
    }
    let health = world.house.engine.hook(&world.house.root, world.scope(), decays.hook.id).await.unwrap();
    assert!(health.hook.health.failures >= 3, "{:?}", health.hook.health);
    world.tells_after(HOUR).await;
    assert_eq!((world.mail.seen(), world.said()), (vec![], vec![]));

    world.receiver.answer_with(200);
    let scope = world.scope();
    let stumbles = world.hook_at(scope, "stumbles", &world.receiver.url, &["order.paid"], 4).await;
    world.receiver.answer_with(500);
    world.pays().await;
    world.receiver.answer_with(200);
    world.pays().await;
    world.tells_after(HOUR).await;
    let people: Vec<String> =
        world.states(&stumbles).await.into_iter().filter(|one| !one.starts_with("events")).collect();
    assert_eq!(people, Vec::<String>::new(), "the first failure is for machines");
}

#[tokio::test]
async fn hooks_of_groups_are_for_owners_and_those_of_the_system_for_admins() {
    let mut world = World::new().await;
    world.member("mia", AccessLevel::Maintainer).await;
    let owner = world.house.user("olga").await;
    world.house.member(&owner, wigwag_access::Source::Group(world.group.id), AccessLevel::Owner).await;
    let maintainer = world.house.user("gus").await;
    world
        .house
        .member(&maintainer, wigwag_access::Source::Group(world.group.id), AccessLevel::Maintainer)
        .await;
    world.admin("ada").await;
    let check = async |world: &mut World, scope, expected: &[&str], subject: &str| {
        let url = world.receiver.url.clone();
        let hook = world.hook_at(scope, "audit", &url, &["order.paid"], 1).await;
        world.fails().await;
        world.tells_after(HOUR).await;
        let mails = world.mail.seen();
        assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), expected);
        assert!(mails.iter().all(|mail| mail.header("Subject") == subject), "{mails:?}");
        world.house.engine.delete_hook(&world.house.root, scope, hook.hook.id).await.unwrap();
    };
    let of_group = HookScope::Group(world.group.id);
    let subject = "[Wigwag] Webhook \"audit\" of acme is paused";
    check(&mut world, of_group, &["olga@example.com", "root@localhost"], subject).await;
    let subject = "[Wigwag] Webhook \"audit\" of the system is paused";
    check(&mut world, HookScope::System, &["ada@example.com", "root@localhost"], subject).await;
}

#[tokio::test]
async fn whoever_may_not_mend_it_any_more_when_it_is_sent_gets_nothing() {
    let mut world = World::new().await;
    let leaver = world.member("leaver", AccessLevel::Maintainer).await;
    let lowered = world.member("lowered", AccessLevel::Maintainer).await;
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells().await;
    world.leaves(&leaver).await;
    world.changes_level(&lowered, AccessLevel::Developer).await;
    world.tells_after(GATHERED).await;
    assert_eq!(world.mail.seen().iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["root@localhost"]);
    let told = world.told(&hook).await;
    let of = |user: &wigwag_access::User| told.iter().find(|one| one.user == Some(user.id)).unwrap().state;
    assert_eq!((of(&leaver), of(&lowered)), (NoticeState::Withheld, NoticeState::Withheld));
}

#[tokio::test]
async fn with_the_flags_off_nobody_is_told_neither_now_nor_later() {
    let mut world = World::silent().await;
    world.member("mia", AccessLevel::Maintainer).await;
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells_after(HOUR).await;
    assert_eq!((world.mail.seen(), world.said(), world.outbox().await), (vec![], vec![], vec![]));
    for channel in ["mail", "chat", "events"] {
        world.flag(&format!("feature set hook_notices_{channel} true --project=acme/shop")).await;
    }
    world.enables(&hook).await;
    world.tells_after(HOUR).await;
    assert_eq!((world.mail.seen(), world.said()), (vec![], vec![]), "nobody heard that it was worse");
    assert_eq!(world.told(&hook).await, []);
    world.fails().await;
    world.tells_after(HOUR).await;
    assert_eq!((world.mail.seen().len(), world.said().len()), (2, 1), "from now on");
}

#[tokio::test]
async fn a_flag_for_another_project_is_none_for_this_one() {
    let mut world = World::silent().await;
    let other = world.house.project("other", &world.group).await;
    world.flag("feature set hook_notices_mail true --project=acme/other").await;
    world.hook("here").await;
    let there = HookScope::Project(other.id);
    world.hook_at(there, "there", &world.receiver.url, &["order.paid"], 1).await;
    world.fails().await;
    world.tells_after(HOUR).await;
    assert_eq!(world.mail.seen(), []);
    world.flag("feature set hook_notices_mail true --group=acme").await;
    world.hook("here too").await;
    world.fails().await;
    world.tells_after(HOUR).await;
    assert_eq!(world.mail.seen().len(), 1, "a group's flag is on for what lies in it");
}

#[tokio::test]
async fn names_cannot_break_out_of_the_head_and_secrets_do_not_get_in() {
    let mut world = World::new().await;
    let scope = world.scope();
    let url = world.receiver.url.replace("http://", "http://user:password@") + "?token=hunter2";
    world.hook_at(scope, "a <b> \u{202e}\"x\" é", &url, &["order.paid"], 1).await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    let mails = world.mail.seen();
    let content = &mails[0].content;
    assert!(!content.contains("hunter2") && !content.contains("password"), "{content}");
    let said = world.said().join("\n");
    assert!(!said.contains("hunter2") && !said.contains("password") && said.contains("&lt;b&gt;"), "{said}");
}
