use crate::house::{House, signed_in};
use wigwag_access::Principal;
use wigwag_chat::{Command, Environment, parse};
use wigwag_engine::EngineError;
use wigwag_engine::command::{Preview, Verdict};
use wigwag_engine::flags::StateMark;

const ENVIRONMENTS: [Environment<'_>; 2] = [
    Environment { name: "staging", is_production: false },
    Environment { name: "production", is_production: true },
];

fn command(text: &str) -> Command {
    parse(text, &ENVIRONMENTS).unwrap()
}

impl House {
    async fn preview(&self, principal: &Principal, text: &str) -> Preview {
        self.engine.preview_command(principal, &command(text), "page").await.unwrap()
    }

    async fn make(&self, text: &str, seen: StateMark) -> Result<(), EngineError> {
        let made = self.engine.make_previewed(&self.as_admin(), &command(text), seen, "page").await;
        made.map(drop)
    }
}

/// One sign a check: passed, not needed, refused, not asked.
fn signs(preview: &Preview) -> String {
    let sign = |verdict| match verdict {
        Verdict::Passed => 'p',
        Verdict::NotNeeded => 'n',
        Verdict::Refused => 'R',
        Verdict::NotAsked => '.',
        Verdict::Warned => 'w',
        Verdict::PassedOver => 'o',
    };
    preview.checks.iter().map(|checked| sign(checked.verdict)).collect()
}

#[tokio::test]
async fn every_check_is_told_and_nothing_is_changed() {
    let house = House::new().await;
    let (admin, mia) = (house.as_admin(), signed_in(&house.mia));
    let check = async |principal: &Principal, text: &str, expected: &str, reason: &str| {
        let preview = house.preview(principal, text).await;
        assert_eq!(signs(&preview), expected, "{text}");
        assert_eq!(preview.is_refused(), expected.contains('R'), "{text}");
        assert_eq!(preview.written.is_some(), !expected.contains('.'), "{text}");
        let reasons: Vec<&str> = preview.checks.iter().map(|checked| checked.reason.as_str()).collect();
        assert!(reasons.concat().contains(reason), "{text}: {reasons:?}");
    };
    check(&admin, "feature set webhooks_failed_callout true", "pnpnppnnpw", "On there: auto_disabling").await;
    check(&admin, "feature set webhooks_failed_callout false", "pnpnpnnnnn", "Nobody gets it").await;
    check(&admin, "feature delete auto_disabling_web_hooks", "pnpnpnnnnn", "Nobody gets it").await;
    check(&admin, "feature set webhook_failed_callout true", "R.........", "did you mean").await;
    check(&admin, "feature set webhooks_failed_callout true --project=acme/shoop", "R.........", "acme/shop")
        .await;
    check(&admin, "feature set webhooks_failed_callout 5 --random", "pRpnppnnpp", "A percentage of time")
        .await;
    check(&mia, "feature set webhooks_failed_callout true", "ppR.......", "role release").await;
    house.engine.override_flag(&admin, "staging", "webhooks_failed_callout", None).await.unwrap();
    check(&admin, "feature set webhooks_failed_callout 5 --actors --staging", "ppppR.....", "override").await;
    let run = house.engine.run_command(&admin, "feature set auto_disabling_web_hooks false", None, "console");
    assert!(run.await.unwrap().ok);
    check(&admin, "feature set webhooks_failed_callout true", "pnpnppnnRw", "depends on").await;
    let preview = house.preview(&admin, "feature set webhooks_failed_callout true").await;
    assert_eq!(preview.checks[8].commands.len(), 1);
    let view = house.engine.flag(&admin, "production", "webhooks_failed_callout").unwrap();
    assert_eq!(view.stored, None);
}

#[tokio::test]
async fn what_was_shown_is_made_or_nothing() {
    let house = House::new().await;
    let nothing = StateMark::of(None);
    let quarter = "feature set webhooks_failed_callout 25 --actors --reason='half of half'";
    house.make(quarter, nothing).await.unwrap();
    let refused = house.make("feature set webhooks_failed_callout true", nothing).await;
    assert!(matches!(&refused, Err(EngineError::Conflict(text)) if text.contains("since")), "{refused:?}");
    let stored = house.engine.flag(&house.as_admin(), "production", "webhooks_failed_callout").unwrap();
    assert_eq!(stored.stored.as_deref().unwrap().words(), ["25 % of actors"]);
    house.make("feature set auto_disabling_web_hooks false", nothing).await.unwrap();
    let dark =
        house.make("feature set webhooks_failed_callout true", StateMark::of(stored.stored.as_deref()));
    assert!(matches!(dark.await, Err(EngineError::Conflict(text)) if text.contains("depends on")));
}

#[tokio::test]
async fn a_preview_is_of_one_change_in_one_environment() {
    let house = House::new().await;
    let admin = house.as_admin();
    let two = command("feature set webhooks_failed_callout true --staging --production");
    let get = command("feature get webhooks_failed_callout");
    for command in [two, get, Command::Help(None)] {
        let refused = house.engine.preview_command(&admin, &command, "page").await;
        assert!(matches!(refused, Err(EngineError::Invalid { .. })), "{command}");
    }
}
