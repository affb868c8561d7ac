//! Who of a chat is who of the registry.

use crate::chat::who;
use crate::world::{Made, World};
use std::time::Duration;
use wigwag_access::{ChatRole, Principal, SessionLimit};
use wigwag_engine::ChatSettings;
use wigwag_hooks::Switch;

const SET: &str = "feature set stock true --dev";

async fn code_of(world: &World, name: &str) -> String {
    let user = world.user(name).await;
    world.engine.set_chat_role(&world.as_admin(), name, ChatRole::Developer, "api").await.unwrap();
    let principal = Principal::of_session(&user, SessionLimit::Unlimited);
    world.engine.make_link_code(&principal).await.unwrap().code
}

#[tokio::test]
async fn a_code_links_once_and_for_ten_minutes() {
    let world = World::new().await;
    let code = code_of(&world, "mia").await;
    world.clock.advance(Duration::from_secs(600));
    let late = world.says("U1", "#general", &format!("link {code}")).await;
    assert!(late.starts_with("refused") && late.contains("ten minutes"), "{late}");

    let code = code_of(&world, "max").await;
    let shouted = code.to_uppercase().replace('-', "");
    let linked = world.says("U1", "#general", &format!("link {shouted}")).await;
    assert!(linked.contains("You are max here from now on, with the role developer."), "{linked}");
    let row = &world.audit().await[0].entry;
    assert_eq!((row.author.as_str(), row.via.as_str()), ("max", "chat:handchat"), "{row:?}");
    assert_eq!(row.after, "handchat user U1 (U1) is this user, proved by a code");
    let again = world.says("U2", "#general", &format!("link {code}")).await;
    assert!(again.starts_with("refused"), "{again}");
    assert!(!world.says("U1", "#general", SET).await.starts_with("refused"));
    assert!(world.says("U2", "#general", SET).await.starts_with("refused"));
    let rows = world.audit().await;
    let set = rows.iter().find(|row| row.entry.flag.is_some()).unwrap();
    assert_eq!((set.entry.author.as_str(), set.entry.via.as_str()), ("max", "chat:handchat:#general"));
}

#[tokio::test]
async fn a_code_works_in_a_chat_alone_and_never_in_a_channels_answer() {
    let world = World::new().await;
    let code = code_of(&world, "mia").await;
    let told = world.command(&format!("link {code}")).await;
    assert!(told.starts_with("refused"), "{told}");
    let told = world.says("U1", "#general", &format!("link {code}")).await;
    assert!(!told.starts_with("(to the channel)"), "{told}");
}

#[tokio::test]
async fn a_link_that_is_ended_leaves_a_stranger() {
    let world = World::new().await;
    let mia = world.person("mia", ChatRole::Developer).await;
    let max = world.person("max", ChatRole::Developer).await;
    let refused = world.engine.end_chat_link(&max, who("mia"), "api").await;
    assert!(refused.is_err(), "nobody ends another's");
    world.engine.end_chat_link(&mia, who("mia"), "page").await.unwrap();
    assert!(world.says("mia", "#general", SET).await.contains("wigwag chat link"));
    world.engine.end_chat_link(&world.as_admin(), who("max"), "api").await.unwrap();
    assert!(world.engine.chat_links(&world.as_admin(), None).await.unwrap().is_empty());
}

#[tokio::test]
async fn by_e_mail_only_where_the_operator_says_so() {
    let world = World::new().await;
    let mia = world.user("mia").await;
    world.chat.knows("U1", &mia.email);
    assert!(world.says("U1", "#general", SET).await.starts_with("refused"));

    let settings = ChatSettings { link_by_email: Switch::On, ..Made::default().settings };
    let world = World::made(Made { settings, ..Made::default() }).await;
    let mia = world.user("mia").await;
    world.engine.set_chat_role(&world.as_admin(), "mia", ChatRole::Developer, "api").await.unwrap();
    world.chat.knows("U1", &mia.email);
    world.chat.knows("U3", "somebody@else.example");
    assert!(!world.says("U1", "#general", SET).await.starts_with("refused"));
    for guest in ["U2", "U3"] {
        assert!(world.says(guest, "#general", SET).await.starts_with("refused"), "{guest}");
    }
    assert!(world.engine.chat_links(&world.as_admin(), None).await.unwrap().is_empty(), "it makes no link");

    // The chat is asked again after a while: whoever became a guest there is nobody here.
    world.chat.forgets("U1");
    assert!(!world.says("U1", "#general", SET).await.starts_with("refused"));
    world.clock.advance(Duration::from_secs(300));
    assert!(world.says("U1", "#general", SET).await.contains("wigwag chat link"));
}
