use crate::world::{GATHERED, HOUR, World};
use wigwag_access::{AccessLevel, Source};
use wigwag_base::UserId;
use wigwag_engine::EngineError;
use wigwag_hooks::Switch;
use wigwag_ports::notices::OptOut;

#[tokio::test]
async fn the_link_of_a_mail_ends_such_mail_and_nobody_guesses_it() {
    let mut world = World::new().await;
    let mia = world.member("mia", AccessLevel::Maintainer).await;
    world.hook("billing").await;
    world.fails().await;
    world.tells_after(GATHERED).await;
    let mails = world.mail.seen();
    let link = mails[0].header("List-Unsubscribe").trim_matches(['<', '>']).to_owned();
    assert!(mails[0].content.contains(&format!("No more such mail: {link}")), "{}", mails[0].content);
    let (_, key) = link.split_once("&key=").unwrap();
    let engine = &world.house.engine;
    let unknown = Err(EngineError::NotFound("link"));
    for (user, key) in [(mia.id, ""), (mia.id, "AAAA"), (mia.id, "ä"), (UserId(1), key), (UserId(999), key)]
    {
        assert_eq!(engine.opt_out_by_link(user, key, Switch::On).await, unknown, "{user} {key}");
    }
    engine.opt_out_by_link(mia.id, key, Switch::On).await.unwrap();
    world.hook("other").await;
    world.fails().await;
    world.tells_after(HOUR).await;
    assert_eq!(world.mail.seen().iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["root@localhost"]);
    let mine = world.as_user(&mia).await;
    let preferences = world.house.engine.notice_preferences(&mine).await.unwrap();
    assert_eq!((preferences.mail, preferences.silent), (Switch::Off, Vec::new()));
}

#[tokio::test]
async fn an_opt_out_counts_when_the_mail_is_sent_and_can_be_taken_back() {
    let mut world = World::new().await;
    let mia = world.member("mia", AccessLevel::Maintainer).await;
    let mine = world.as_user(&mia).await;
    let of_project = OptOut::Of(Source::Project(world.project.id));
    let hook = world.hook("billing").await;
    world.fails().await;
    world.tells().await;
    let engine = &world.house.engine;
    engine.set_notice_opt_out(&mine, of_project, Switch::On).await.unwrap();
    world.tells_after(GATHERED).await;
    assert_eq!(world.mail.seen().len(), 1, "root's");
    let silent = world.house.engine.notice_preferences(&mine).await.unwrap().silent;
    assert_eq!(silent, [Source::Project(world.project.id)]);

    world.enables(&hook).await;
    world.tells_after(HOUR).await;
    assert_eq!(world.mail.seen().len(), 1, "who did not hear the worse needs not hear the better");
    world.house.engine.set_notice_opt_out(&mine, of_project, Switch::Off).await.unwrap();
    world.fails().await;
    world.tells_after(HOUR).await;
    assert_eq!(world.mail.seen().len(), 2);
}

#[tokio::test]
async fn one_chooses_for_places_that_one_sees() {
    let world = World::new().await;
    let stranger = world.house.user("stranger").await;
    let stranger = world.as_user(&stranger).await;
    let engine = &world.house.engine;
    let of_project = OptOut::Of(Source::Project(world.project.id));
    let refused = engine.set_notice_opt_out(&stranger, of_project, Switch::On).await;
    assert_eq!(refused, Err(EngineError::NotFound("project")));
    engine.set_notice_opt_out(&stranger, of_project, Switch::Off).await.unwrap();
}
